/** What was done at the command line is in the audit trail too, without an actor: the shell knows who that was. */
import type pg from 'pg';

export type OperatorAction =
  | 'cli.token'
  | 'cli.user-add'
  | 'cli.replay'
  | 'cli.adopt-instance'
  | 'cli.rotate-keys'
  | 'cli.webhooks-register';

export async function recordOperatorAudit(
  db: Pick<pg.Pool, 'query'>,
  action: OperatorAction,
  subjectType: string | null,
  subjectId: string | null,
): Promise<void> {
  await db.query(`INSERT INTO "AuditEvent" ("action","subjectType","subjectId") VALUES ($1,$2,$3)`, [action, subjectType, subjectId]);
}
