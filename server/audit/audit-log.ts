/** Who saw or changed what: one row an act. Never what was typed (a search text names people). */
import type pg from 'pg';
import type { Caller } from '../services.ts';

export type AuditAction = 'patient.search' | 'patient.create' | 'patient.update' | 'viewer.update' | 'demo.sign-in';

export interface AuditEntry {
  action: AuditAction;
  subjectType: 'Patient' | 'User' | null;
  subjectId: string | null;
}

/** On the pool, or on the transaction of the change that is audited: then neither exists without the other. */
export async function recordAudit(db: Pick<pg.Pool, 'query'>, caller: Caller, entry: AuditEntry): Promise<void> {
  await db.query(
    `INSERT INTO "AuditEvent" ("actorId","actorRole","action","subjectType","subjectId","requestId") VALUES ($1,$2::"Role",$3,$4,$5,$6)`,
    [caller.viewer.userId, caller.viewer.role, entry.action, entry.subjectType, entry.subjectId, caller.requestId],
  );
}
