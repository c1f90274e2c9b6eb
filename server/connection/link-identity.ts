/**
 * Who a clinician is at Cal.com. Refused when another of our clinicians is that user, and when the clinician is known
 * there as somebody else: then the wrong person was signed in at Cal.com.
 */
import type { Transaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import type { CalcomIdentity } from './connection.ts';

export type LinkRefusal = 'ANOTHER_CLINICIAN_HAS_IT' | 'ANOTHER_CALCOM_USER';

/** Null: recorded. What Cal.com did not tell stays as it was. */
export async function linkIdentity(tx: Transaction, id: UserId, who: CalcomIdentity): Promise<LinkRefusal | null> {
  // Two clinicians may come back as the same Cal.com user at the same moment.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('calcom-user:' || $1::int, 0))`, [who.id]);
  const { rows } = await tx.query<{ mine: boolean; calcomUserId: number | null }>(
    `SELECT "id" = $1 AS mine, "calcomUserId" FROM "User" WHERE "id" = $1 OR "calcomUserId" = $2`,
    [id, who.id],
  );
  if (rows.some((row) => !row.mine)) return 'ANOTHER_CLINICIAN_HAS_IT';
  const known = rows[0]?.calcomUserId ?? null;
  if (known !== null && known !== who.id) return 'ANOTHER_CALCOM_USER';
  await tx.query(
    `UPDATE "User" SET "calcomUserId" = $2, "calcomEmail" = COALESCE($4, "calcomEmail"), "timezone" = COALESCE($5, "timezone"),
            "calcomUsername" = CASE WHEN EXISTS (SELECT 1 FROM "User" other WHERE other."id" <> $1 AND other."calcomUsername" = $3)
                                    THEN "calcomUsername" ELSE COALESCE($3, "calcomUsername") END,
            "updatedAt" = now()
     WHERE "id" = $1`,
    [id, who.id, who.username, who.email?.toLowerCase() ?? null, who.timeZone],
  );
  return null;
}
