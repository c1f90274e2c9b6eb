/** The gateway under test: `server/main.ts` as a process of its own, on a database that the benchmark has filled. */
import { SignJWT } from 'jose';
import { startGatewayProcess } from '../tests/support/gateway-process.ts';
import { createProbe, type Probe } from './probe.ts';
import { registered } from './running.ts';

export const WEBHOOK_SECRET = 'whsec-bench';
const JWT_SECRET = 'a secret of at least thirty-two bytes, for benchmarks';
const LONGEST_STOP_MS = 15_000;

export interface BenchGateway {
  url: string;
  socketUrl: string;
  pid: number;
  memory: Probe['memory'];
  stop(): Promise<void>;
}

/** Without Cal.com: it is configured and nobody answers there. */
export async function startGateway(env: { DATABASE_URL: string; REDIS_URL?: string }): Promise<BenchGateway> {
  const probe = createProbe();
  const gateway = await startGatewayProcess('/nonexistent', {
    CALCOM_API_URL: 'http://127.0.0.1:9',
    WEBHOOK_SECRET,
    AUTH_JWT_SECRET: JWT_SECRET,
    DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    LOG_LEVEL: 'error',
    ...probe.env,
    ...env,
  });
  const stop = registered(async () => {
    const kill = setTimeout(() => process.kill(gateway.pid, 'SIGKILL'), LONGEST_STOP_MS);
    await gateway.end('SIGTERM');
    clearTimeout(kill);
  });
  return {
    url: gateway.url,
    socketUrl: `${gateway.url.replace('http', 'ws')}/graphql`,
    pid: gateway.pid,
    memory: probe.memory,
    stop,
  };
}

/** What `authorization` of this person is. */
export async function bearerOf(userId: string): Promise<string> {
  const token = await new SignJWT({ sub: userId })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(JWT_SECRET));
  return `Bearer ${token}`;
}
