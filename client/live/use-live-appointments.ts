/**
 * Appointments that match a filter, kept live.
 *
 * ```tsx
 * const { appointments, phase } = useLiveAppointments({ startsAfter, startsBefore });
 * ```
 * The query's `changeCursor` is where the subscription begins, so nothing is missed between the two. Updates patch
 * Apollo's cache by version (an older one changes nothing), the list follows LEFT_FILTER, REMOVED and MERGED, and
 * after a lost connection the stream resumes at the last cursor.
 */
import { useFragment } from '@apollo/client/react';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { AppointmentLiveFilter, LiveAppointmentFragment } from '../generated/graphql.ts';
import { usePerson } from '../session/person.tsx';
import type { AppointmentChange } from './appointment-change.ts';
import { LIVE_APPOINTMENT } from './live-appointment.ts';
import { createLiveList } from './live-list.ts';

export interface LiveAppointments {
  /** `failed`: the query got no answer; `reload` tries again. */
  phase: 'loading' | 'ready' | 'failed';
  /** Sorted by start. Optimistic changes of this tab included. */
  appointments: LiveAppointmentFragment[];
  /** The last change by somebody else, by appointment id; gone once `seen`. */
  changes: ReadonlyMap<string, AppointmentChange>;
  /** The changes that arrived together last. */
  batch: readonly AppointmentChange[];
  reload: () => void;
  seen: (appointmentId: string) => void;
}

export function useLiveAppointments(filter: AppointmentLiveFilter): LiveAppointments {
  const { client, cache, socket, monitor, signs, clock, reporter } = usePerson();
  const key = JSON.stringify(filter);
  const list = useMemo(
    () => createLiveList({ client, cache, socket, monitor, signs, clock, reporter }, JSON.parse(key) as AppointmentLiveFilter),
    [client, cache, socket, monitor, signs, clock, reporter, key],
  );
  useEffect(() => list.start(), [list]);
  const state = useSyncExternalStore(list.subscribe, list.read);
  const from = useMemo(() => state.ids.map((id) => ({ __typename: 'Appointment' as const, id })), [state.ids]);
  const { data } = useFragment({ fragment: LIVE_APPOINTMENT, fragmentName: 'LiveAppointment', from, client });
  const appointments = useMemo(
    () => (data as (Partial<LiveAppointmentFragment> | null)[]).filter(isComplete).sort((one, other) => byStart(one, other)),
    [data],
  );
  return {
    phase: state.phase,
    appointments,
    changes: state.changes,
    batch: state.batch,
    reload: list.reload,
    seen: list.seen,
  };
}

function isComplete(appointment: Partial<LiveAppointmentFragment> | null): appointment is LiveAppointmentFragment {
  return appointment?.startsAt !== undefined && appointment.participants !== undefined;
}

function byStart(one: LiveAppointmentFragment, other: LiveAppointmentFragment): number {
  return Date.parse(one.startsAt) - Date.parse(other.startsAt) || one.id.localeCompare(other.id);
}
