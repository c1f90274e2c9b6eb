/** Which appointments a statement is about: the scope of who asks, and their filter, as SQL over "Appointment" a. */
import { isUuid } from '../kernel/ids.ts';
import type { AppointmentFilter, AppointmentScope } from './appointment-store.ts';

/** WHERE conditions with their numbered values. */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #parts: string[] = ['true'];

  add(make: (parameter: (value: unknown) => string) => string): void {
    this.#parts.push(
      make((value) => {
        this.values.push(value);
        return `$${this.values.length}`;
      }),
    );
  }

  text(): string {
    return this.#parts.join(' AND ');
  }
}

export function restrict(query: Conditions, scope: AppointmentScope): void {
  if ('none' in scope) query.add(() => 'false');
  else if ('hostId' in scope) {
    query.add(
      (p) =>
        `(a."clinicianId" = ${p(scope.hostId)}::uuid OR EXISTS (SELECT 1 FROM "AppointmentHost" mine WHERE mine."appointmentId" = a."id" AND mine."userId" = ${p(scope.hostId)}::uuid))`,
    );
  } else if ('patientId' in scope) {
    query.add(
      (p) =>
        `(a."patientId" = ${p(scope.patientId)}::uuid OR EXISTS (SELECT 1 FROM "AppointmentParticipant" mine WHERE mine."appointmentId" = a."id" AND mine."state" = 'ACTIVE' AND mine."userId" = ${p(scope.patientId)}::uuid))`,
    );
  }
}

export function filterBy(query: Conditions, scope: AppointmentScope, filter: AppointmentFilter): void {
  const { clinicianIds, patientId, statuses, careStates, eventTypeIds, startsAfter, startsBefore, updatedSince, search } = filter;
  if (clinicianIds !== undefined) {
    query.add(
      (p) =>
        `EXISTS (SELECT 1 FROM "AppointmentHost" f WHERE f."appointmentId" = a."id" AND f."userId" = ANY(${p(clinicianIds.filter(isUuid))}::uuid[]))`,
    );
  }
  if (patientId !== undefined) {
    query.add((p) => {
      const id = p(isUuid(patientId) ? patientId : null);
      return `(a."patientId" = ${id}::uuid OR EXISTS (SELECT 1 FROM "AppointmentParticipant" f WHERE f."appointmentId" = a."id" AND f."state" = 'ACTIVE' AND f."userId" = ${id}::uuid))`;
    });
  }
  if (statuses !== undefined) query.add((p) => `a."status" = ANY(${p(statuses)}::"AppointmentStatus"[])`);
  if (careStates !== undefined) {
    query.add((p) => {
      const states = p(careStates);
      // A patient asks about the own seat only: what the filter finds must not tell of the others.
      const own = 'patientId' in scope ? ` AND f."userId" = ${p(scope.patientId)}::uuid` : '';
      return `(a."careState" = ANY(${states}::"CareState"[]) OR (a."seated" AND EXISTS (SELECT 1 FROM "AppointmentParticipant" f
        WHERE f."appointmentId" = a."id" AND f."state" = 'ACTIVE' AND f."careState" = ANY(${states}::"CareState"[])${own})))`;
    });
  }
  if (eventTypeIds !== undefined) query.add((p) => `a."calcomEventTypeId" = ANY(${p(eventTypeIds)}::int[])`);
  if (startsAfter !== undefined) query.add((p) => `a."startsAt" >= ${p(startsAfter)}`);
  if (startsBefore !== undefined) query.add((p) => `a."startsAt" < ${p(startsBefore)}`);
  if (updatedSince !== undefined) query.add((p) => `a."updatedAt" >= ${p(updatedSince)}`);
  if (search !== undefined) {
    query.add((p) => {
      const pattern = p(`%${search.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`);
      return `EXISTS (SELECT 1 FROM "AppointmentParticipant" f WHERE f."appointmentId" = a."id" AND lower(f."name") LIKE ${pattern})`;
    });
  }
}
