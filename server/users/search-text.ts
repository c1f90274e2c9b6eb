/** What people type to find somebody. Never logged, never stored. */
import { type Failure, invalidInput } from '../appointments/failure.ts';
import { fail, ok, type Result } from '../kernel/result.ts';

const LEAST_CHARACTERS = 2;
const MOST_CHARACTERS = 100;

/** Trimmed. */
export function searchText(typed: string): Result<string, Failure> {
  const search = typed.trim();
  if (search.length >= LEAST_CHARACTERS && search.length <= MOST_CHARACTERS && !search.includes('\0')) return ok(search);
  return fail(invalidInput({ path: 'search', message: `Search for ${LEAST_CHARACTERS} to ${MOST_CHARACTERS} characters.` }));
}
