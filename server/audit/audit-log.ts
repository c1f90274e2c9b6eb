/** Who saw or changed what: one row an act. Never what was typed (a search text names people). */
import type pg from 'pg';
import type { Viewer } from '../auth/viewer.ts';

export type AuditAction =
  | 'patient.search'
  | 'patient.create'
  | 'patient.update'
  | 'viewer.update'
  | 'participant.link'
  | 'participant.unlink'
  | 'user.list'
  | 'user.invite'
  | 'user.update'
  | 'user.disable'
  | 'user.enable'
  | 'demo.sign-in'
  | 'calcom.webhooks-register'
  | 'reconciliation.run'
  | 'reconciliation.repair'
  | 'appointment.booking-uids'
  | CalcomAction
  | OfferAction;

/** A clinician's connection to Cal.com. */
export type CalcomAction = 'calcom.connect' | 'calcom.disconnect' | 'calcom.api-key' | 'calcom.sync';

/** What a clinician offers, and when. */
export type OfferAction =
  | 'event-type.create'
  | 'event-type.update'
  | 'event-type.delete'
  | 'event-type.mirror'
  | 'schedule.update'
  | 'schedule.override'
  | 'blocked-time.dismiss';

export interface AuditEntry {
  action: AuditAction;
  subjectType: 'Appointment' | 'DriftReport' | 'Patient' | 'User' | 'EventType' | 'BlockedTime' | null;
  subjectId: string | null;
}

/** Whoever it is put down to: the person who asks, or who asked for it before. */
export interface AuditedCaller {
  viewer: Pick<Viewer, 'userId' | 'role'>;
  requestId: string;
}

/** On the pool, or on the transaction of the change that is audited: then neither exists without the other. */
export async function recordAudit(db: Pick<pg.Pool, 'query'>, caller: AuditedCaller, entry: AuditEntry): Promise<void> {
  await db.query(
    `INSERT INTO "AuditEvent" ("actorId","actorRole","action","subjectType","subjectId","requestId") VALUES ($1,$2::"Role",$3,$4,$5,$6)`,
    [caller.viewer.userId, caller.viewer.role, entry.action, entry.subjectType, entry.subjectId, caller.requestId],
  );
}
