/**
 * Staff hand an appointment over to another clinician. Cal.com does that only for an event type that both host (round
 * robin): others are refused in a sentence. No webhook tells of it (CONTRACT 7), so the booking is read afterwards.
 */
import { mayReassign } from '../auth/authorize.ts';
import { bookingUid, isUuid, userId, type UserId } from '../kernel/ids.ts';
import type { BookingDesk, Caller, ReassignInput } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { AppointmentRow } from './appointment-store.ts';
import {
  changing,
  currentBooking,
  keyedChange,
  refused,
  refusedBy,
  versionConflict,
  visible,
  withWarnings,
  type Attempt,
  type DeskOptions,
  type Done,
} from './booking-steps.ts';
import { minutesBetween, notifyWarnings } from './booking-warning.ts';
import { notConnected, outcomeUnknown, refusalOf } from './calcom-refusal.ts';
import { claimTime, letGo } from './claim-time.ts';
import { isLive } from './appointment.ts';
import { invalidInput, notAllowed, notFound } from './failure.ts';
import { overlapsConfirmed } from './overlapping.ts';

const LONGEST_REASON = 1_000;

export function createReassignAppointment(options: DeskOptions): BookingDesk['reassign'] {
  return (caller, input) =>
    keyedChange(options, caller, 'reassignAppointment', input, (attempt) =>
      changing(options, caller, input, attempt, (row, host) => reassign(options, caller, input, { row, host, attempt })),
    );
}

interface HandOver {
  row: AppointmentRow;
  host: ClinicianCredential | null;
  attempt: Attempt;
}

async function reassign(options: DeskOptions, caller: Caller, input: ReassignInput, { row, host, attempt }: HandOver): Promise<Done> {
  const permission = mayReassign(caller.viewer, row);
  if (!permission.allowed) return refused(notAllowed(permission.because));
  const clinician = await clinicianBy(options, input.clinicianId);
  if (clinician === null) return refused(notFound('The clinician'));
  if (row.clinician?.id === clinician.id)
    return attempt.repeated
      ? { ok: true, appointmentIds: [row.id] }
      : refused(invalidInput({ path: 'clinicianId', message: 'This appointment is with that clinician already.' }));
  if (!isLive(row.status))
    return refused(
      invalidInput({ path: 'appointmentId', message: 'Only an appointment that is confirmed or requested can be handed over.' }),
    );
  const reason = input.reason?.trim() ?? '';
  if (reason.length > LONGEST_REASON)
    return refused(invalidInput({ path: 'reason', message: `Please keep the reason below ${LONGEST_REASON} characters.` }));
  if (host === null) return refused(notConnected);
  if (clinician.calcomUserId === null) return refused(notAllowed('That clinician is not connected to Cal.com yet.'));
  if (await overlapsConfirmed(options.pool, clinician.id, [row]))
    return refused(invalidInput({ path: 'clinicianId', message: 'That clinician has another confirmed appointment at this time.' }));

  const claim = await claimTime(options, caller.viewer.userId, attempt, {
    holdId: null,
    eventTypeId: row.eventTypeId ?? 0,
    clinicianId: clinician.id,
    startsAt: row.startsAt,
    minutes: minutesBetween(row.startsAt, row.endsAt),
    seated: row.seated,
  });
  if (claim === null)
    return refused(
      { ...versionConflict(row), message: 'Somebody is booking that clinician at this time at the moment. Please repeat shortly.' },
      true,
    );
  try {
    const done = await ask(options, caller, row, { host, to: clinician.calcomUserId, reason });
    return withWarnings(done, notifyWarnings(row.participants));
  } finally {
    await letGo(options, claim);
  }
}

interface Clinician {
  id: UserId;
  calcomUserId: number | null;
}

async function clinicianBy({ pool }: Pick<DeskOptions, 'pool'>, id: UserId): Promise<Clinician | null> {
  if (!isUuid(id)) return null;
  const result = await pool.query<Clinician>(
    `SELECT "id", "calcomUserId" FROM "User" WHERE "id" = $1 AND "role" = 'CLINICIAN' AND "disabledAt" IS NULL`,
    [id],
  );
  const found = result.rows[0];
  return found === undefined ? null : { ...found, id: userId(found.id) };
}

async function ask(
  options: DeskOptions,
  caller: Caller,
  row: AppointmentRow,
  order: { host: ClinicianCredential; to: number; reason: string },
): Promise<Done> {
  const { host, to, reason } = order;
  const itself: Done = { ok: true, appointmentIds: [row.id] };
  const before = await currentBooking(options, caller, host, row.bookingUid);
  if (!before.ok) return refusedBy(before.failure);
  if (before.value.hosts?.[0]?.calcomUserId === to) return itself;
  if (before.value.status !== 'CONFIRMED' && before.value.status !== 'REQUESTED')
    return refused(versionConflict((await visible(options, caller, row.id)) ?? row));

  const answer = await options.client.reassign(host, bookingUid(row.bookingUid), to, reason === '' ? {} : { reason });
  const after = await currentBooking(options, caller, host, row.bookingUid);
  if (after.ok && after.value.hosts?.[0]?.calcomUserId === to) return itself;
  if (answer.ok) return refused(outcomeUnknown);
  switch (answer.failure.kind) {
    // The booking was there a moment ago: what is missing is the route, or their user.
    case 'NotFound':
      return refused(notAllowed('This Cal.com cannot hand over an appointment to that clinician.'));
    case 'Forbidden':
      return refused(notAllowed("Cal.com does not let the host's account hand over this kind of appointment."));
    case 'SlotTaken':
      return refused(invalidInput({ path: 'clinicianId', message: 'That clinician is not available at this time.' }));
    default:
      return refused(await refusalOf(answer.failure, () => Promise.resolve([])));
  }
}
