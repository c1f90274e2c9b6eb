/** `cli token`: a sign-in token for a person who is already known. */
import { issueToken } from '../auth/issue-token.ts';
import type { Core } from '../core.ts';
import { isUuid, type UserId } from '../kernel/ids.ts';
import { CommandFailure } from './command-failure.ts';
import { recordOperatorAudit } from './operator-audit.ts';

export interface TokenRequest {
  email?: string;
  /** For those who share an address, or have none. */
  userId?: string;
  minutes: number;
}

export async function issueTokenFor({ services }: Core, request: TokenRequest): Promise<string> {
  const person = await findPerson(services.pool, request);
  const issued = await issueToken(services.config.auth, services.clock, person, request.minutes);
  if (!issued.ok) throw new CommandFailure(issued.failure);
  await recordOperatorAudit(services.pool, 'cli.token', 'User', person);
  return issued.value.token;
}

async function findPerson(pool: Core['services']['pool'], { email, userId }: TokenRequest): Promise<UserId> {
  if ((email === undefined) === (userId === undefined)) throw new CommandFailure('Name the person with --email or with --user.');
  if (userId !== undefined && !isUuid(userId)) throw new CommandFailure('--user takes the id that `user add` printed.');
  const { rows } = await pool.query<{ id: UserId; role: string }>(
    `SELECT "id", "role"::text AS role FROM "User" WHERE "disabledAt" IS NULL AND ("email" = $1 OR "id" = $2::uuid) ORDER BY "createdAt", "id" LIMIT 10`,
    [email?.toLowerCase(), userId],
  );
  const [person] = rows;
  if (person === undefined) throw new CommandFailure('Nobody like that is known, or the account is disabled.');
  if (rows.length > 1) {
    const people = rows.map((row) => `  --user ${row.id}  (${row.role})`);
    throw new CommandFailure(`Several people share this address:\n${people.join('\n')}`);
  }
  return person.id;
}
