/** What the server says became of the booking, live: requested, confirmed, or what happened to it since. */
import { Button } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconHourglass } from '@tabler/icons-react';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'react-router';
import { CancelDialog } from '../appointments/cancel-dialog.tsx';
import { OwnAppointment } from '../appointments/own-appointment.tsx';
import { RescheduleDialog } from '../appointments/reschedule-dialog.tsx';
import { useSetCareState } from '../appointments/use-set-care-state.ts';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { useFragment } from '@apollo/client/react';
import { useText } from '../i18n/language.tsx';
import type { Text } from '../i18n/en.ts';
import { LIVE_APPOINTMENT } from '../live/live-appointment.ts';
import { useLiveAppointments } from '../live/use-live-appointments.ts';
import { isStaff, useFrame } from '../session/use-viewer.ts';
import { PageLoading } from '../shell/page-states.tsx';
import { ownTimeZone } from '../time/clinic-time.ts';
import classes from './booking-result.module.css';

export function BookingResult(props: {
  appointmentIds: readonly string[];
  clinicianId: string | null;
  onBookAnother: () => void;
}): ReactNode {
  const text = useText();
  const { viewer, clinic } = useFrame();
  const title = useRef<HTMLHeadingElement>(null);
  const [asked, setAsked] = useState<{ kind: 'cancel' | 'reschedule'; id: string } | null>(null);
  const setCareState = useSetCareState();
  // A stream keeps the cache, and with it what is shown here, true; staff follow the clinician, wherever it is moved to.
  const [bookedNow] = useState(() => new Date().toISOString());
  const live = useLiveAppointments(
    viewer === null || isStaff(viewer)
      ? { startsAfter: bookedNow, ...(props.clinicianId === null ? {} : { clinicianIds: [props.clinicianId] }) }
      : {},
  );
  const from = useMemo(() => props.appointmentIds.map((id) => ({ __typename: 'Appointment' as const, id })), [props.appointmentIds]);
  const { data } = useFragment({ fragment: LIVE_APPOINTMENT, fragmentName: 'LiveAppointment', from });
  const appointments = (data as (Partial<LiveAppointmentFragment> | null)[]).filter(
    (each): each is LiveAppointmentFragment => each?.status !== undefined,
  );
  const [first] = appointments;
  const shown = first !== undefined;
  useEffect(() => {
    if (shown) title.current?.focus();
  }, [shown]);
  if (first === undefined || clinic === null) return <PageLoading />;
  const { icon, heading, hint } = resultWords(first, text);
  const about = appointments.find((each) => each.id === asked?.id);
  return (
    <div className={classes.page}>
      <div className={classes.head} data-status={first.status} role="status">
        <span className={classes.icon} aria-hidden>
          {icon}
        </span>
        <h1 ref={title} tabIndex={-1}>
          {heading}
        </h1>
        {hint !== null && <p className={classes.hint}>{hint}</p>}
      </div>
      <ul className={classes.list}>
        {appointments.map((appointment) => (
          <li key={appointment.id}>
            <OwnAppointment
              appointment={appointment}
              timeZone={ownTimeZone()}
              cutoffMinutes={clinic.patientChangeCutoffMinutes}
              change={live.changes.get(appointment.id)}
              onReschedule={(id) => setAsked({ kind: 'reschedule', id })}
              onCancel={(id) => setAsked({ kind: 'cancel', id })}
              onCheckIn={(id) => void setCareState(id, 'ARRIVED')}
            />
          </li>
        ))}
      </ul>
      <div className={classes.buttons}>
        {viewer !== null && !isStaff(viewer) && (
          <Button component={Link} to="/appointments">
            {text.booking.toAppointments}
          </Button>
        )}
        {viewer !== null && isStaff(viewer) && (
          <Button component={Link} to="/board">
            {text.start.goBoard}
          </Button>
        )}
        <Button variant="default" onClick={props.onBookAnother}>
          {text.booking.bookAnother}
        </Button>
      </div>
      {about !== undefined && asked?.kind === 'cancel' && <CancelDialog appointment={about} ownWords onClose={() => setAsked(null)} />}
      {about !== undefined && asked?.kind === 'reschedule' && (
        <RescheduleDialog appointmentId={about.id} timeZone={ownTimeZone()} onClose={() => setAsked(null)} />
      )}
    </div>
  );
}

function resultWords(appointment: LiveAppointmentFragment, text: Text): { icon: ReactNode; heading: string; hint: string | null } {
  switch (appointment.status) {
    case 'CONFIRMED':
      return { icon: <IconCircleCheck size={30} stroke={1.6} />, heading: text.booking.confirmedTitle, hint: text.booking.confirmedHint };
    case 'REQUESTED':
      return { icon: <IconHourglass size={28} stroke={1.6} />, heading: text.booking.requestedTitle, hint: text.booking.requestedHint };
    case 'DECLINED':
      return { icon: <IconCircleX size={30} stroke={1.6} />, heading: text.booking.declinedTitle, hint: null };
    case 'CANCELLED':
      return { icon: <IconCircleX size={30} stroke={1.6} />, heading: text.booking.cancelledTitle, hint: null };
  }
}
