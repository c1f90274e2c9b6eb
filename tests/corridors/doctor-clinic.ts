/** What the doctor's suites share: the sandbox as a real Cal.com of which the gateway knows the address, and the core on it. */
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts';
import { type DoctorLine, examine } from '../../server/cli/doctor.ts';
import { parseConfig } from '../../server/config.ts';
import { type Core, createCore } from '../../server/core.ts';
import { identityOf } from '../../server/database/instance-identity.ts';
import { manualClock } from '../../server/kernel/clock.ts';
import { silentLog } from '../../server/kernel/log.ts';
import type { ResolvedConfig } from '../../server/start/surroundings.ts';
import { sandboxClinicians } from '../../server/start/sandbox-process.ts';
import { seed } from '../../prisma/seed.ts';
import { createTestCluster } from '../support/database.ts';

export const ENDPOINT = 'https://gateway.clinic.example/api/calcom/webhooks';
export const WEBHOOK_SECRET = 'whsec-doctor';
export const ANNA_KEY = 'cal_sandbox_anna_0000000000000000';

export type DoctorClinic = Awaited<ReturnType<typeof createDoctorClinic>>;

export async function createDoctorClinic() {
  // The cluster of the other tests may lose what it stored, and the doctor would say so.
  const cluster = await createTestCluster({ settings: { fsync: 'on', full_page_writes: 'on' } });
  const database = await cluster.createDatabase();
  const clock = manualClock(new Date());
  const cores: Core[] = [];

  async function openSandbox(options: Partial<SandboxOptions> = {}): Promise<{ sandbox: Sandbox; url: string }> {
    const sandbox = createSandbox({
      seed: 'clinic',
      timetable: false,
      rateLimit: false,
      now: () => clock.now().getTime(),
      webhook: { url: ENDPOINT, secret: WEBHOOK_SECRET },
      deliver: () => Promise.resolve(),
      ...options,
    });
    return { sandbox, url: (await sandbox.listen(0)).url };
  }

  /** The environment of a gateway for the Cal.com at `url`. */
  function environment(url: string, more: Record<string, string> = {}): Record<string, string> {
    return {
      DATABASE_URL: database.url,
      CALCOM_API_URL: url,
      WEBHOOK_SECRET,
      WEBHOOK_ENDPOINT: ENDPOINT,
      AUTH_JWT_SECRET: 'a secret of at least thirty-two bytes, for tests',
      DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      ...more,
    };
  }

  async function openCore(url: string, more: Record<string, string> = {}): Promise<Core> {
    const parsed = parseConfig(environment(url, more), null, (path) => path);
    if (!parsed.ok) throw new Error(parsed.failure.join('\n'));
    const config = parsed.value as ResolvedConfig;
    const core = await createCore({ config, clock, log: silentLog, pool: database.pool });
    cores.push(core);
    return core;
  }

  const first = await openSandbox();
  const core = await openCore(first.url);
  await seed({ pool: database.pool, encryption: core.encryption, clinicians: await sandboxClinicians(first.url) });
  core.credentials.forget();
  await database.pool.query(`INSERT INTO "GatewayInstance" ("id","madeFor") VALUES (1, $1)`, [
    identityOf(core.services.config as ResolvedConfig),
  ]);
  await core.mirror();

  return {
    database,
    clock,
    sandbox: first.sandbox,
    url: first.url,
    core,
    openSandbox,
    openCore,
    environment,
    /** What the doctor says now. */
    async doctor(of: Core = core): Promise<DoctorLine[]> {
      clock.advance(6_000);
      of.credentials.forget();
      return examine(of);
    },
    /** What is wrong, as `what: problem → mend`. */
    async complaints(of: Core = core): Promise<string[]> {
      return (await this.doctor(of)).flatMap(({ what, problem, mend }) =>
        problem === null ? [] : [`${what}: ${problem} → ${mend ?? ''}`],
      );
    },
    api: (method: string, path: string, body?: unknown, key = ANNA_KEY) =>
      first.sandbox.request(method, path, { headers: { authorization: `Bearer ${key}`, 'cal-api-version': '2024-08-13' }, body }),
    async close() {
      for (const opened of cores) {
        await opened.applier.stop();
        opened.bell.stop();
        await opened.oddities.stop();
      }
      await first.sandbox.close();
      await database.drop();
      await cluster.stop();
    },
  };
}
