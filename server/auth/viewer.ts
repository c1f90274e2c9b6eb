import type { UserId } from '../kernel/ids.ts';

export type Role = 'PATIENT' | 'CLINICIAN' | 'FRONT_DESK' | 'ADMIN' | 'AUDITOR' | 'DISPLAY';

/** The authenticated person behind a request or socket; `role` is what applies now (a token's claim can only have lowered it). */
export interface Viewer {
  readonly userId: UserId;
  readonly role: Role;
  /** End of the token, Unix milliseconds. A stream is closed then. */
  readonly expiresAt: number;
  /** Role of the account at sign-in, where a token's claim lowered it. */
  readonly accountRole?: Role;
}
