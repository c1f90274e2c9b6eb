/** Staff look for a patient. Every search is audited before it is answered; the text itself is kept nowhere. */
import type pg from 'pg';
import { type Failure, invalidInput, notAllowed } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { maySearchPatients } from '../auth/authorize.ts';
import { isUuid } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { type PatientPage, searchPatients, type UserRow } from './user-store.ts';

const LEAST_CHARACTERS = 2;
const MOST_CHARACTERS = 100;

export interface PatientSearch {
  search: string;
  /** 1..100. */
  first: number;
  /** Made by `patientCursor`. */
  after: string | null;
}

export async function findPatients(pool: pg.Pool, caller: Caller, request: PatientSearch): Promise<Result<PatientPage, Failure>> {
  if (!maySearchPatients(caller.viewer)) return fail(notAllowed('Only staff search patients.'));
  const search = request.search.trim();
  if (search.length < LEAST_CHARACTERS || search.length > MOST_CHARACTERS) {
    return fail(invalidInput({ path: 'search', message: `Search for ${LEAST_CHARACTERS} to ${MOST_CHARACTERS} characters.` }));
  }
  const after = request.after === null ? null : parsePatientCursor(request.after);
  if (after === 'MALFORMED') return fail(invalidInput({ path: 'after', message: 'This cursor is not one of this list.' }));
  await recordAudit(pool, caller, { action: 'patient.search', subjectType: 'Patient', subjectId: null });
  return ok(await searchPatients(pool, search, request.first, after));
}

export function patientCursor(row: Pick<UserRow, 'name' | 'id'>): string {
  return Buffer.from(JSON.stringify([row.name, row.id]), 'utf8').toString('base64url');
}

function parsePatientCursor(cursor: string): { name: string; id: string } | 'MALFORMED' {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parsed)) return 'MALFORMED';
    const [name, id]: unknown[] = parsed;
    return typeof name === 'string' && typeof id === 'string' && isUuid(id) ? { name, id } : 'MALFORMED';
  } catch {
    return 'MALFORMED';
  }
}
