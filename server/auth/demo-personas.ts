/** Who one can be in the sandbox, and a token for them. Anywhere else nobody, and no token. */
import type pg from 'pg';
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import { fail, ok, type Result, unreachable } from '../kernel/result.ts';
import { sandboxPeople, type UserRow } from '../users/user-store.ts';
import { issueToken } from './issue-token.ts';
import type { Role } from './viewer.ts';

const MINUTES = 60;
const PATIENTS = 6;

export interface DemoSignIn {
  token: string;
  expiresAt: Date;
  persona: UserRow;
}

export async function demoPersonas(pool: pg.Pool, config: Pick<Config, 'sandbox'>): Promise<UserRow[]> {
  return config.sandbox ? sandboxPeople(pool, PATIENTS) : [];
}

export async function signInAs(
  services: { pool: pg.Pool; config: Pick<Config, 'sandbox' | 'auth'>; clock: Clock },
  requestId: string,
  personaId: string | null,
): Promise<Result<DemoSignIn, Failure>> {
  if (!services.config.sandbox) return fail(notAllowed('Demo personas exist in the sandbox only.'));
  const persona = (await demoPersonas(services.pool, services.config)).find((person) => person.id === personaId);
  if (persona === undefined) return fail(notFound('The persona'));
  const issued = await issueToken(services.config.auth, services.clock, persona.id, MINUTES);
  if (!issued.ok) return fail(notAllowed(issued.failure));
  const viewer = { userId: persona.id, role: persona.role, expiresAt: issued.value.expiresAt.getTime() };
  await recordAudit(services.pool, { viewer, requestId }, { action: 'demo.sign-in', subjectType: 'User', subjectId: persona.id });
  return ok({ ...issued.value, persona });
}

/** What this person sees and does, in one sentence. */
export function personaDescription(role: Role): string {
  switch (role) {
    case 'PATIENT':
      return 'Books, moves and cancels own appointments, and checks in.';
    case 'CLINICIAN':
      return 'Sees the own day live, confirms requests and leads visits.';
    case 'FRONT_DESK':
      return 'Sees every clinician, books for patients and checks them in.';
    case 'ADMIN':
      return 'Does everything, and looks after the gateway.';
    case 'DISPLAY':
      return 'The board on the wall: initials only, nothing to click.';
    case 'AUDITOR':
      return 'Reads the audit trail and no appointment.';
    default:
      return unreachable(role);
  }
}
