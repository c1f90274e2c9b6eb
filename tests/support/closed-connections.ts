/** A desk for suites in which nobody connects to Cal.com. */
import type { ConnectionDesk } from '../../server/connection/connection-desk.ts';
import { fail } from '../../server/kernel/result.ts';

const closed = () => Promise.resolve(fail({ kind: 'NotAllowed' as const, message: 'Closed.' }));

export const closedConnections: ConnectionDesk = {
  offersSignIn: false,
  begin: closed,
  finish: () => Promise.resolve('invalid'),
  disconnect: closed,
  setApiKey: closed,
  sync: closed,
  views: (ids) => Promise.resolve(ids.map(() => null)),
  reconnects: () => Promise.resolve(0),
};
