/** Staff look for a patient. Every search is audited before it is answered; the text itself is kept nowhere. */
import type pg from 'pg';
import { type Failure, notAllowed } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { maySearchPatients } from '../auth/authorize.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { parsePersonCursor } from './person-cursor.ts';
import { searchText } from './search-text.ts';
import { searchPatients, type UserPage } from './user-store.ts';

export interface PatientSearch {
  search: string;
  /** 1..100. */
  first: number;
  /** Made by `personCursor`. */
  after: string | null;
}

export async function findPatients(pool: pg.Pool, caller: Caller, request: PatientSearch): Promise<Result<UserPage, Failure>> {
  if (!maySearchPatients(caller.viewer)) return fail(notAllowed('Only staff search patients.'));
  const search = searchText(request.search);
  if (!search.ok) return search;
  const after = parsePersonCursor(request.after);
  if (!after.ok) return after;
  await recordAudit(pool, caller, { action: 'patient.search', subjectType: 'Patient', subjectId: null });
  return ok(await searchPatients(pool, search.value, request.first, after.value));
}
