/** What becomes of the seats of group visits when people move alone: neither booking names the other (MEASURED, "Bookings"). */
import type { Transaction } from '../database/transaction.ts';
import type { AppointmentId } from '../kernel/ids.ts';
import { updateAppointment } from './appointment-rows.ts';
import { inOrder } from './appointment-state.ts';
import type { ChangeLogger } from './change-logger.ts';
import type { Outcome, Work } from './plan-recording.ts';

/** When one recording tells of the group that a seat left and of the one it joined, the first lets go before the second takes it. */
export async function giveUpSeats(tx: Transaction, outcomes: Outcome[]): Promise<void> {
  const taken = new Set<string>();
  for (const outcome of outcomes.toReversed()) {
    if (outcome.after === null) continue;
    const active = outcome.after.participants.filter((participant) => participant.state === 'ACTIVE' && participant.seatUid !== null);
    const lost = new Set(taken);
    for (const participant of active) if (participant.seatUid !== null && !taken.has(participant.seatUid)) taken.add(participant.seatUid);
    const leaving = outcome.after.participants.filter((participant) => participant.seatUid !== null && lost.has(participant.seatUid));
    if (leaving.length === 0) continue;
    const gone = new Set(leaving.map((participant) => participant.id));
    const participants = outcome.after.participants.map((participant) =>
      gone.has(participant.id) ? { ...participant, seatUid: null, state: 'MOVED' as const } : participant,
    );
    outcome.after = { ...outcome.after, participants: inOrder(participants) };
    await tx.query(`UPDATE "AppointmentParticipant" SET "seatUid" = NULL, "state" = 'MOVED' WHERE "id" = ANY($1::uuid[])`, [[...gone]]);
  }
}

/** A seat that moved alone: its participant leaves the appointment it was of. */
export async function takeSeats(tx: Transaction, work: Work, outcomes: Outcome[], log: ChangeLogger): Promise<AppointmentId[]> {
  const touched: AppointmentId[] = [];
  for (const outcome of outcomes) {
    const seats =
      outcome.after?.participants.flatMap((participant) => (participant.state === 'ACTIVE' ? (participant.seatUid ?? []) : [])) ?? [];
    for (const owner of work.stored.values()) {
      if (
        owner.id === outcome.appointmentId ||
        outcomes.some((other) => other.appointmentId === owner.id || other.group.absorbed.includes(owner.id))
      )
        continue;
      const leaving = owner.state.participants.filter((participant) => participant.seatUid !== null && seats.includes(participant.seatUid));
      if (leaving.length === 0) continue;
      const gone = new Set(leaving.map((participant) => participant.seatUid));
      const participants = owner.state.participants.map((participant) =>
        gone.has(participant.seatUid) ? { ...participant, seatUid: null, state: 'MOVED' as const } : participant,
      );
      const after = { ...owner.state, participants };
      await updateAppointment(tx, owner, owner.version + 1, after);
      await tx.query(
        `UPDATE "AppointmentBooking" SET "facts" = jsonb_set("facts", '{attendees}',
           COALESCE((SELECT jsonb_agg(e) FROM jsonb_array_elements("facts"->'attendees') e WHERE NOT (e->>'seatUid' = ANY($2))), '[]'::jsonb))
         WHERE "bookingUid" = $1`,
        [owner.state.bookingUid, [...gone]],
      );
      await log.changed(owner.id, owner.state, after, owner.version + 1);
      touched.push(owner.id);
    }
  }
  return touched;
}
