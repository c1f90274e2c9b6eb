/** Admins look through the accounts. Audited, because patients are among them. */
import type pg from 'pg';
import { type Failure, notAllowed } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayManageUsers } from '../auth/authorize.ts';
import type { Role } from '../auth/viewer.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { parsePersonCursor } from './person-cursor.ts';
import { searchText } from './search-text.ts';
import { listUsers, type UserPage } from './user-store.ts';

export interface UserQuestion {
  /** Null: every role. */
  roles: readonly Role[] | null;
  search: string | null;
  withDisabled: boolean;
  /** 1..100. */
  first: number;
  /** Made by `personCursor`. */
  after: string | null;
}

export async function findUsers(pool: pg.Pool, caller: Caller, question: UserQuestion): Promise<Result<UserPage, Failure>> {
  if (!mayManageUsers(caller.viewer)) return fail(notAllowed('Only admins see all accounts.'));
  const search = question.search === null ? ok(null) : searchText(question.search);
  if (!search.ok) return search;
  const after = parsePersonCursor(question.after);
  if (!after.ok) return after;
  await recordAudit(pool, caller, { action: 'user.list', subjectType: 'User', subjectId: null });
  return ok(await listUsers(pool, { ...question, search: search.value }, question.first, after.value));
}
