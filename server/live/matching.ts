/**
 * What one change means to one subscriber, decided from the log's snapshots alone: may they see the appointment,
 * and did they ask for it, before the change and after it.
 */
import type { AppointmentRow, AppointmentScope } from '../appointments/appointment-store.ts';
import type { LiveFilter } from '../services.ts';
import type { ChangeRow, ChangeSnapshot } from './change-log.ts';

/** DELIVER under the change's own kind; LEFT_FILTER: still visible, no longer asked for; REMOVED: no longer visible. */
export type Delivery = 'DELIVER' | 'LEFT_FILTER' | 'REMOVED';

/** Null: this subscriber must not hear of the change, or never knew the appointment. */
export function decideDelivery(change: Pick<ChangeRow, 'before' | 'after'>, scope: AppointmentScope, filter: LiveFilter): Delivery | null {
  const visibleAfter = isVisible(scope, change.after);
  if (visibleAfter && matchesFilter(filter, change.after, scope)) return 'DELIVER';
  const knownBefore = change.before !== null && isVisible(scope, change.before) && matchesFilter(filter, change.before, scope);
  if (!knownBefore) return null;
  return visibleAfter ? 'LEFT_FILTER' : 'REMOVED';
}

export function isVisible(scope: AppointmentScope, snapshot: ChangeSnapshot): boolean {
  if ('all' in scope) return true;
  if ('hostId' in scope) return snapshot.hostIds.includes(scope.hostId);
  if ('patientId' in scope) return snapshot.patientIds.includes(scope.patientId);
  return false;
}

/** The same of the row as it is now; as `appointment-store` restricts its reads to a scope. */
export function isInScope(scope: AppointmentScope, row: Pick<AppointmentRow, 'clinician' | 'patient' | 'hosts' | 'participants'>): boolean {
  if ('all' in scope) return true;
  if ('hostId' in scope) return row.clinician?.id === scope.hostId || row.hosts.some(({ userId }) => userId === scope.hostId);
  if ('patientId' in scope) {
    return (
      row.patient?.id === scope.patientId || row.participants.some(({ userId, state }) => userId === scope.patientId && state === 'ACTIVE')
    );
  }
  return false;
}

/** Every condition that is given must hold; an empty list asks for nothing. Bounds: startsAfter ≤ startsAt < startsBefore. */
export function matchesFilter(filter: LiveFilter, snapshot: ChangeSnapshot, scope: AppointmentScope): boolean {
  return (
    allows<string>(filter.clinicianIds, snapshot.hostIds) &&
    allows(filter.patientId === undefined ? undefined : [filter.patientId], snapshot.patientIds) &&
    allows(filter.statuses, [snapshot.status]) &&
    allows(filter.careStates, careStatesFor(scope, snapshot)) &&
    allows(filter.eventTypeIds, snapshot.eventTypeId === null ? [] : [snapshot.eventTypeId]) &&
    (filter.startsAfter === undefined || snapshot.startsAt >= filter.startsAfter.getTime()) &&
    (filter.startsBefore === undefined || snapshot.startsAt < filter.startsBefore.getTime())
  );
}

/** A patient asks about the own seat only: whether the filter matches must not tell of the others. */
function careStatesFor(scope: AppointmentScope, snapshot: ChangeSnapshot): string[] {
  if (!('patientId' in scope) || snapshot.careStateOf === undefined) return snapshot.careStates;
  const own = snapshot.careStateOf[scope.patientId];
  return own === undefined ? [] : [own];
}

/**
 * The snapshot before the change as this viewer may know it: nothing of a time when the appointment was not theirs,
 * and for a patient nothing of the other seats.
 */
export function previousFor(scope: AppointmentScope, before: ChangeSnapshot | null): ChangeSnapshot | null {
  if (before === null || !isVisible(scope, before)) return null;
  if (!('patientId' in scope)) return before;
  const { careStateOf: others, ...rest } = before;
  return { ...rest, patientIds: [scope.patientId], careStates: others === undefined ? before.careStates : [] };
}

function allows<Value>(wanted: readonly Value[] | undefined, present: readonly Value[]): boolean {
  return wanted === undefined || present.some((value) => wanted.includes(value));
}
