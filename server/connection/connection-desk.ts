/** Everything about how clinicians are connected to Cal.com. */
import type { Failure } from '../appointments/failure.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { beginConnection, type BegunConnection } from './begin-connection.ts';
import type { ConnectionOutcome, ConnectionReport, ConnectionView } from './connection.ts';
import type { ConnectionParts } from './connection-parts.ts';
import { countReconnects } from './connection-store.ts';
import { disconnect } from './disconnect.ts';
import { finishConnection, type ReturnFromCalcom } from './finish-connection.ts';
import { setApiKey } from './set-api-key.ts';
import { syncUser } from './sync-user.ts';
import { viewConnections } from './view-connections.ts';

export interface ConnectionDesk {
  /** False: clinicians cannot connect by signing in at Cal.com. */
  readonly offersSignIn: boolean;
  begin(caller: Caller, request: { clinicianId: UserId; address: string | null }): Promise<Result<BegunConnection, Failure>>;
  finish(back: ReturnFromCalcom): Promise<ConnectionOutcome>;
  disconnect(caller: Caller, request: { clinicianId: UserId; forgetIdentity: boolean }): Promise<Result<UserId, Failure>>;
  setApiKey(caller: Caller, request: { clinicianId: UserId; apiKey: string }): Promise<Result<ConnectionReport, Failure>>;
  sync(caller: Caller, clinicianId: UserId): Promise<Result<ConnectionReport, Failure>>;
  views(ids: readonly UserId[]): Promise<(ConnectionView | null)[]>;
  /** Clinicians in service who have to connect again. */
  reconnects(): Promise<number>;
}

export function createConnectionDesk(parts: ConnectionParts): ConnectionDesk {
  return {
    offersSignIn: parts.oauth !== null,
    begin: (caller, request) => beginConnection(parts, caller, request),
    finish: (back) => finishConnection(parts, back),
    disconnect: (caller, request) => disconnect(parts, caller, request),
    setApiKey: (caller, request) => setApiKey(parts, caller, request),
    sync: (caller, clinicianId) => syncUser(parts, caller, clinicianId),
    views: (ids) => viewConnections(parts, ids),
    reconnects: () => countReconnects(parts.pool),
  };
}
