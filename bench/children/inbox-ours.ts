/** The gateway's door for webhooks alone: its HTTP server, receiver and inbox, with nothing applied afterwards. */
import type { AddressInfo } from 'node:net';
import { createEncryption } from '../../server/database/encryption.ts';
import { createPool } from '../../server/database/pool.ts';
import { createHttpServer, type HttpRoutes } from '../../server/http/server.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createInbox } from '../../server/webhooks/inbox.ts';
import { createReceiver } from '../../server/webhooks/receive.ts';
import { announce } from '../child.ts';

const { DATABASE_URL = '', SECRET = '' } = process.env;
const pool = createPool({ url: DATABASE_URL, size: 10, log: silentLog });
const encryption = createEncryption([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
const webhooks = createReceiver({
  inbox: createInbox({ pool, encryption }),
  secrets: { secret: SECRET, previousSecret: null },
  clock: systemClock,
  log: silentLog,
  onRecorded: () => {},
});
// No other path is asked for.
const http = createHttpServer({ webhooks } as HttpRoutes, silentLog);
await http.listen('127.0.0.1', 0);
announce((http.node.address() as AddressInfo).port);
