/** Where a list of people, by name, goes on. Opaque to clients. */
import { isUuid } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { type Failure, invalidInput } from '../appointments/failure.ts';
import type { UserRow } from './user-store.ts';

export interface PersonPlace {
  name: string;
  id: string;
}

export function personCursor(row: Pick<UserRow, 'name' | 'id'>): string {
  return Buffer.from(JSON.stringify([row.name, row.id]), 'utf8').toString('base64url');
}

/** Null for the beginning of the list. */
export function parsePersonCursor(cursor: string | null): Result<PersonPlace | null, Failure> {
  if (cursor === null) return ok(null);
  const malformed = fail(invalidInput({ path: 'after', message: 'This cursor is not one of this list.' }));
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parsed)) return malformed;
    const [name, id]: unknown[] = parsed;
    return typeof name === 'string' && typeof id === 'string' && isUuid(id) ? ok({ name, id }) : malformed;
  } catch {
    return malformed;
  }
}
