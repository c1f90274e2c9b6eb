/**
 * Whom an unlinked participant might be: a hint for staff where the rules of `link-people` were in doubt or the patient's
 * e-mail is not verified. Names are compared without case and accents here.
 */
import type pg from 'pg';
import { isUuid } from '../kernel/ids.ts';
import { USER_COLUMNS, type UserRow } from './user-store.ts';

export interface LinkCandidate {
  patient: UserRow;
  sameEmail: boolean;
  sameName: boolean;
}

/** The only one with both e-mail and name, else the only one with either; null when there are none or several. */
export function suggestLink(candidates: readonly LinkCandidate[]): UserRow | null {
  const both = candidates.filter((candidate) => candidate.sameEmail && candidate.sameName);
  const [only, ...others] = both.length > 0 ? both : candidates;
  return only !== undefined && others.length === 0 ? only.patient : null;
}

/** More people than this at one address are nobody to be guessed among. */
const MAX_AT_ONE_ADDRESS = 50;

/** One suggestion for each row id of a participant, in their order; one statement. Null too where staff have decided already. */
export async function linkSuggestions(db: Pick<pg.Pool, 'query'>, participantIds: readonly string[]): Promise<(UserRow | null)[]> {
  const result = await db.query<UserRow & { participantId: string; sameEmail: boolean | null; sameName: boolean }>(
    `SELECT p."id" AS "participantId", c.*, c."email" = "plain_email"(p."email") AS "sameEmail",
            "search_text"(c."name") = "search_text"(p."name") AS "sameName"
     FROM "AppointmentParticipant" p CROSS JOIN LATERAL (
       (SELECT ${USER_COLUMNS} FROM "User" WHERE "role" = 'PATIENT' AND "disabledAt" IS NULL
          AND "email" = "plain_email"(p."email") LIMIT ${MAX_AT_ONE_ADDRESS})
       UNION
       (SELECT ${USER_COLUMNS} FROM "User" WHERE "role" = 'PATIENT' AND "disabledAt" IS NULL
          AND "search_text"("name") = "search_text"(p."name") LIMIT 2)
     ) c
     WHERE p."id" = ANY($1::uuid[]) AND p."userId" IS NULL AND NOT p."linkDecided" AND p."state" = 'ACTIVE'`,
    [participantIds.filter(isUuid)],
  );
  const byParticipant = Map.groupBy(result.rows, (row) => row.participantId);
  return participantIds.map((id) => {
    const candidates = (byParticipant.get(id) ?? []).map(({ participantId: _id, sameEmail, sameName, ...patient }) => ({
      patient,
      sameEmail: sameEmail === true,
      sameName,
    }));
    return suggestLink(candidates);
  });
}
