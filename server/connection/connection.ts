/** How a clinician is connected to Cal.com, and what is still missing. */
import type { UserId } from '../kernel/ids.ts';

/** Which credential the gateway would use for a clinician. */
export type ConnectionMethod = 'NONE' | 'API_KEY' | 'SHARED_KEY' | 'OAUTH' | 'MANAGED';

export type ConnectionState =
  | 'NOT_CONNECTED'
  /** Works, as far as is known. */
  | 'USABLE'
  /** Cal.com told who the clinician is there; the token opens nothing more. */
  | 'LINKED_ONLY'
  /** The grant has ended: the clinician has to connect again. */
  | 'RECONNECT';

/** Never a key or a token. */
export interface ConnectionView {
  clinicianId: UserId;
  method: ConnectionMethod;
  state: ConnectionState;
  calcomUserId: number | null;
  calcomUsername: string | null;
  /** Of tokens only, as Cal.com names it. */
  scope: string | null;
  /** When Cal.com last handed out the tokens. */
  tokenSince: Date | null;
  tokenExpiresAt: Date | null;
}

/** What stands between a clinician and being booked. */
export type ConnectionLack =
  | 'CREDENTIAL'
  | 'CREDENTIAL_REFUSED'
  | 'RECONNECT'
  | 'ANOTHER_CLINICIAN_HAS_IT'
  | 'ANOTHER_CALCOM_USER'
  | 'BOOKINGS_NOT_READABLE'
  | 'USERNAME'
  | 'EVENT_TYPES'
  | 'WEBHOOK';

export interface ConnectionReport {
  clinicianId: UserId;
  /** True: Cal.com says who the clinician is, and that is recorded. */
  linked: boolean;
  /** True: a Cal.com user was made for them just now. */
  created: boolean;
  /** In the order in which to mend it. */
  lacks: ConnectionLack[];
}

/** Who somebody is at Cal.com. */
export interface CalcomIdentity {
  id: number;
  username: string | null;
  email: string | null;
  timeZone: string | null;
}

/** How a visit to Cal.com ended; part of the address of the page that says so. */
export type ConnectionOutcome =
  | 'connected'
  | 'linked-only'
  | 'declined'
  | 'expired'
  | 'invalid'
  | 'already-linked'
  | 'another-user'
  | 'failed';
