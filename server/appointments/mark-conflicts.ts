/** `hasConflict` of the appointments recorded and of their neighbours, old and new, after everything else was written. */
import type { Transaction } from '../database/transaction.ts';
import type { AppointmentId, UserId } from '../kernel/ids.ts';
import { conflictsAround, loadAppointments } from './appointment-rows.ts';
import { changedFields } from './appointment-difference.ts';
import type { AppointmentState } from './appointment-state.ts';
import type { ChangeLogger } from './change-logger.ts';
import type { Outcome } from './plan-recording.ts';

export async function markConflicts(tx: Transaction, outcomes: Outcome[], alsoTouched: AppointmentId[], log: ChangeLogger): Promise<void> {
  const ranges = outcomes.flatMap((outcome) => [outcome.before?.state, outcome.after].flatMap((state) => rangeOf(state ?? null)));
  const own = outcomes.flatMap((outcome) => (outcome.after === null || outcome.appointmentId === null ? [] : [outcome.appointmentId]));
  if (ranges.length === 0) return;
  const differing = (await conflictsAround(tx, ranges, own)).filter((row) => row.was !== row.is);
  const neighbours = differing.filter((row) => !own.includes(row.id) && !alsoTouched.includes(row.id));
  const loaded = await loadAppointments(
    tx,
    neighbours.map((row) => row.id),
  );
  for (const row of differing) {
    const mine = outcomes.find((outcome) => outcome.appointmentId === row.id);
    if (mine?.after != null) {
      // Part of the same change: one version, one row of the log.
      const already = mine.before !== null && changedFields(mine.before.state, mine.after).length > 0;
      mine.after = { ...mine.after, hasConflict: row.is };
      const bump = mine.before !== null && !already ? `, "version" = "version" + 1, "updatedAt" = clock_timestamp()` : '';
      await tx.query(`UPDATE "Appointment" SET "hasConflict" = $2${bump} WHERE "id" = $1`, [row.id, row.is]);
      continue;
    }
    const neighbour = loaded.get(row.id);
    if (neighbour === undefined) continue;
    await tx.query(
      `UPDATE "Appointment" SET "hasConflict" = $2, "version" = "version" + 1, "updatedAt" = clock_timestamp() WHERE "id" = $1`,
      [row.id, row.is],
    );
    await log.changed(row.id, neighbour.state, { ...neighbour.state, hasConflict: row.is }, neighbour.version + 1);
  }
}

function rangeOf(state: AppointmentState | null): { clinicianId: UserId; from: number; to: number }[] {
  return state === null || state.clinicianId === null ? [] : [{ clinicianId: state.clinicianId, from: state.startsAt, to: state.endsAt }];
}
