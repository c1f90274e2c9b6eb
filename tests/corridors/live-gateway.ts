/** GraphQL over HTTP and WebSocket on a real port, as the gateway puts it together, without Cal.com. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAccounts } from '../../server/auth/account.ts';
import { createAuthenticate } from '../../server/auth/authenticate.ts';
import { issueToken } from '../../server/auth/issue-token.ts';
import { parseConfig } from '../../server/config.ts';
import { type Core, createCore } from '../../server/core.ts';
import { createGraphql } from '../../server/graphql/yoga.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import type { LivePace } from '../../server/live/live.ts';
import { attachWebSocket, type SocketLimits, type WebSocketPart } from '../../server/live/websocket.ts';
import type { TestDatabase } from '../support/database.ts';

const NOWHERE = 'http://127.0.0.1:9';

export interface LiveGateway {
  core: Core;
  sockets: WebSocketPart;
  /** `http://…/graphql` */
  url: string;
  wsUrl: string;
  token(userId: UserId, minutes?: number): Promise<string>;
  stop(): Promise<void>;
}

export async function startLiveGateway(
  database: TestDatabase,
  options: { livePace?: Partial<LivePace>; limits?: Partial<SocketLimits>; allowedOrigins?: string } = {},
): Promise<LiveGateway> {
  const parsed = parseConfig(
    {
      DATABASE_URL: database.url,
      CALCOM_API_URL: NOWHERE,
      WEBHOOK_SECRET: 'a secret of the test',
      AUTH_JWT_SECRET: 'a secret of the test, thirty-two bytes',
      DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      ALLOWED_ORIGINS: options.allowedOrigins,
    },
    null,
    (path) => path,
  );
  if (!parsed.ok) throw new Error(parsed.failure.join('\n'));
  const config = {
    ...parsed.value,
    database: { url: database.url, poolSize: 10 },
    calcom: { apiUrl: NOWHERE, apiKey: null, webappUrl: null },
  };
  const core = await createCore({
    config,
    clock: systemClock,
    log: silentLog,
    pool: database.pool,
    livePace: { heartbeatMs: 3_600_000, ...options.livePace },
  });
  await core.live.start();
  const authenticate = createAuthenticate({
    auth: config.auth,
    accounts: createAccounts(database.pool),
    clock: systemClock,
    log: silentLog,
  });
  const graphql = createGraphql(core.services, { authenticate });
  const server = createServer((request, response) => void graphql.handler(request, response));
  const sockets = attachWebSocket({
    server,
    getEnveloped: graphql.getEnveloped,
    textOf: graphql.persisted.textOf,
    subscriptions: graphql.subscriptions,
    authenticate,
    allowedOrigins: config.allowedOrigins,
    clock: systemClock,
    log: silentLog,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    core,
    sockets,
    url: `http://127.0.0.1:${port}/graphql`,
    wsUrl: `ws://127.0.0.1:${port}/graphql`,
    async token(userId, minutes = 60) {
      const issued = await issueToken(config.auth, systemClock, userId, minutes);
      if (!issued.ok) throw new Error(issued.failure);
      return `Bearer ${issued.value.token}`;
    },
    async stop() {
      await sockets.stop();
      await core.live.stop();
      core.bell.stop();
      server.closeAllConnections();
      server.close();
    },
  };
}
