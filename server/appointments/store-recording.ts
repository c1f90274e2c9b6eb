/** Writes what was planned, and its changes into the log: each row once, those that give something up before those that take it. */
import type { Transaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { absorbAppointment, insertAppointment, type StoredAppointment, updateAppointment } from './appointment-rows.ts';
import { changedFields } from './appointment-difference.ts';
import type { AppointmentState } from './appointment-state.ts';
import { sameJson } from './same-json.ts';
import { ownersOf, storeComponent } from './booking-rows.ts';
import { type ChangeLogger, createChangeLogger } from './change-logger.ts';
import { markConflicts } from './mark-conflicts.ts';
import { giveUpSeats, takeSeats } from './moved-seats.ts';
import { decideOutcomes, type Outcome, type Work } from './plan-recording.ts';
import type { RecordContext, RecordResult } from './recording.ts';

export async function storeRecording(tx: Transaction, work: Work, context: RecordContext): Promise<RecordResult> {
  const outcomes = decideOutcomes(work);
  if (outcomes === 'UNKNOWN_HOST')
    return { appointmentIds: work.observations.map(() => null), clinicians: [], changes: 0, refetch: [], waitingForHost: true };

  await keepCalcomIds(tx, work, outcomes);
  const log = createChangeLogger(tx, context);
  const absorbed = await absorb(tx, work, outcomes);
  await giveUpSeats(tx, outcomes);
  const takenFrom = await takeSeats(tx, work, outcomes, log);
  for (const outcome of outcomes) if (outcome.before !== null && outcome.after !== null) await keep(tx, outcome.before, outcome.after);
  // The new ones last: they may take a uid that an existing one has just given up.
  const owners = ownersOf(outcomes);
  for (const outcome of outcomes)
    if (outcome.before === null && outcome.after !== null && outcome.appointmentId !== null)
      await insertAppointment(tx, outcome.appointmentId, outcome.after);
  if (work.factsChanged || [...work.bookings.values()].some((known) => known.appointmentId !== (owners.get(known.facts.uid) ?? null))) {
    await storeComponent(tx, work.bookings, owners);
  }

  await markConflicts(tx, outcomes, takenFrom, log);
  for (const outcome of outcomes) await logOutcome(log, outcome);
  for (const { loser, winner } of absorbed) await log.merged(loser, winner);
  return {
    appointmentIds: work.observations.map((seen) => owners.get(seen.uid) ?? null),
    clinicians: cliniciansIn(work, outcomes),
    changes: log.count(),
    refetch: [...work.refetch],
    waitingForHost: false,
  };

  async function keep(within: Transaction, before: StoredAppointment, after: AppointmentState): Promise<void> {
    const fields = changedFields(before.state, after);
    if (fields.length === 0 && sameJson(before.state, after)) return;
    await updateAppointment(within, before, fields.length === 0 ? before.version : before.version + 1, after);
  }
}

function cliniciansIn(work: Work, outcomes: readonly Outcome[]): UserId[] {
  const hosts = outcomes.flatMap((outcome) => [...(outcome.before?.state.hosts ?? []), ...(outcome.after?.hosts ?? [])]);
  return [...new Set([...work.clinicians, ...hosts.map((host) => host.userId)])].filter((id) => id !== null);
}

async function absorb(tx: Transaction, work: Work, outcomes: Outcome[]): Promise<{ loser: StoredAppointment; winner: Outcome }[]> {
  const absorbed: { loser: StoredAppointment; winner: Outcome }[] = [];
  for (const outcome of outcomes) {
    for (const id of outcome.group.absorbed) {
      const loser = work.stored.get(id);
      if (loser === undefined || outcome.appointmentId === null) continue;
      await absorbAppointment(tx, id, outcome.appointmentId);
      absorbed.push({ loser, winner: outcome });
    }
  }
  return absorbed;
}

/** A clinician found by e-mail is known by Cal.com's id from now on. */
async function keepCalcomIds(tx: Transaction, work: Work, outcomes: Outcome[]): Promise<void> {
  for (const host of outcomes.flatMap((outcome) => outcome.after?.hosts ?? [])) {
    if (host.userId === null || host.calcomUserId === null || !work.people.lacksCalcomId(host.userId)) continue;
    await tx.query(`UPDATE "User" SET "calcomUserId" = $2 WHERE "id" = $1 AND "calcomUserId" IS NULL`, [host.userId, host.calcomUserId]);
  }
}

async function logOutcome(log: ChangeLogger, outcome: Outcome): Promise<void> {
  if (outcome.after === null || outcome.appointmentId === null) return;
  if (outcome.before === null) await log.created(outcome.appointmentId, outcome.after);
  else if (changedFields(outcome.before.state, outcome.after).length > 0)
    await log.changed(outcome.appointmentId, outcome.before.state, outcome.after, outcome.before.version + 1);
}
