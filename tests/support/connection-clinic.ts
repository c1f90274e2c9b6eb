/**
 * Whole gateways before a sandbox Cal.com with OAuth, one database between them, and browsers that keep cookies: for walks
 * that leave our page, pass through Cal.com's and come back.
 */
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts';
import { issueToken } from '../../server/auth/issue-token.ts';
import type { Role } from '../../server/auth/viewer.ts';
import { parseConfig } from '../../server/config.ts';
import { createEncryption } from '../../server/database/encryption.ts';
import { createGateway, type Gateway } from '../../server/gateway.ts';
import { encodeId } from '../../server/graphql/global-id.ts';
import { manualClock } from '../../server/kernel/clock.ts';
import { type UserId, userId } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { createTestDatabase } from './database.ts';

export const ANNA = userId('00000000-0000-7000-8000-0000000000a1');
export const SAMIR = userId('00000000-0000-7000-8000-0000000000a2');
export const FEMKE = userId('00000000-0000-7000-8000-0000000000a3');
export const ADMIN = userId('00000000-0000-7000-8000-0000000000d1');
export const DESK = userId('00000000-0000-7000-8000-0000000000c1');
export const MIA = userId('00000000-0000-7000-8000-0000000000b1');

export const clinicianGid = (id: UserId): string => encodeId('Clinician', id);

const KEY = Buffer.alloc(32, 7).toString('base64');
const PEOPLE: [UserId, Role, string, string][] = [
  [ANNA, 'CLINICIAN', 'Dr. Anna de Vries', 'anna.devries@lindengracht.example'],
  [SAMIR, 'CLINICIAN', 'Dr. Samir Haddad', 'samir.haddad@lindengracht.example'],
  [FEMKE, 'CLINICIAN', 'Femke Jansen', 'femke.jansen@lindengracht.example'],
  [ADMIN, 'ADMIN', 'Joris van Leeuwen', 'joris@lindengracht.example'],
  [DESK, 'FRONT_DESK', 'Marijke Blom', 'marijke@lindengracht.example'],
  [MIA, 'PATIENT', 'Mia Bakker', 'mia@example.com'],
];

export type ConnectionClinic = Awaited<ReturnType<typeof createConnectionClinic>>;

/** Nobody has a credential yet. `env`: further variables of both gateways. */
export async function createConnectionClinic(
  options: { oauth?: SandboxOptions['oauth']; instances?: number; env?: Record<string, string> } = {},
) {
  const database = await createTestDatabase();
  const clock = manualClock('2026-11-23T08:00:00Z');
  const sandbox: Sandbox = createSandbox({
    seed: 'clinic',
    timetable: false,
    rateLimit: false,
    now: () => clock.now().getTime(),
    ...(options.oauth === undefined ? {} : { oauth: options.oauth }),
  });
  const listening = await sandbox.listen(0);
  const parsed = parseConfig(
    {
      DATABASE_URL: database.url,
      PORT: '0',
      CALCOM_API_URL: listening.url,
      CALCOM_WEBAPP_URL: listening.url,
      CALCOM_OAUTH_CLIENT_ID: 'sandbox-oauth-client',
      CALCOM_OAUTH_CLIENT_SECRET: 'sandbox-oauth-secret',
      WEBHOOK_SECRET: 'a secret of the test',
      AUTH_JWT_SECRET: 'a secret of the test, thirty-two bytes',
      DATA_KEYS: `k1:${KEY}`,
      ...options.env,
    },
    null,
    (path) => path,
  );
  if (!parsed.ok) throw new Error(parsed.failure.join('\n'));
  const { calcom } = parsed.value;
  if (calcom === null) throw new Error('No Cal.com.');
  const config = { ...parsed.value, database: { url: database.url, poolSize: 5 }, calcom };
  await database.prisma.user.createMany({ data: PEOPLE.map(([id, role, name, email]) => ({ id, role, name, email })) });

  const logged: string[] = [];
  const log = createLog({ level: 'debug', write: (line) => void logged.push(line) });
  const gateways: { gateway: Gateway; url: string }[] = [];
  for (let count = options.instances ?? 1; count > 0; count -= 1) {
    const gateway = createGateway(config, { clock, log, jobs: false });
    gateways.push({ gateway, url: (await gateway.start()).url });
  }
  const [first] = gateways;
  if (first === undefined) throw new Error('No gateway.');

  return {
    config,
    database,
    pool: database.pool,
    clock,
    sandbox,
    calcomUrl: listening.url,
    encryption: createEncryption(config.dataKeys),
    /** Every line that any of them has logged. */
    logged,
    gateways,
    core: first.gateway.core(),
    browser: (url = first.url) => createBrowser(url),
    async tokenOf(id: UserId): Promise<string> {
      const issued = await issueToken(config.auth, clock, id, 600);
      if (!issued.ok) throw new Error(issued.failure);
      return issued.value.token;
    },
    /** Signs in at Cal.com as `username` and comes back; the word at the end. */
    async connect(as: UserId, username: string, more: { clinicianId?: UserId; scope?: string } = {}): Promise<string> {
      const browser = createBrowser(first.url);
      const url = new URL(await browser.begin(await this.tokenOf(as), more.clinicianId));
      url.searchParams.set('sandbox_user', username);
      if (more.scope !== undefined) url.searchParams.set('sandbox_scope', more.scope);
      return await browser.comeBack(await browser.goToCalcom(url.href));
    },
    async close() {
      for (const { gateway } of gateways) await gateway.stop();
      await sandbox.close();
      await database.drop();
    },
  };
}

export type Browser = ReturnType<typeof createBrowser>;

/** Keeps our cookies by path and sends them back; follows nothing by itself. */
function createBrowser(gatewayUrl: string) {
  const cookies = new Map<string, { value: string; path: string }>();

  function keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=', 2);
      const path = attributes.find((attribute) => attribute.startsWith('Path='))?.slice(5) ?? '/';
      if (attributes.includes('Max-Age=0')) cookies.delete(name);
      else cookies.set(name, { value, path });
    }
  }

  async function visit(url: string, init: RequestInit = {}): Promise<Response> {
    const { origin, pathname } = new URL(url);
    const ours = origin === gatewayUrl ? [...cookies].filter(([, { path }]) => pathname.startsWith(path)) : [];
    const headers = new Headers(init.headers);
    if (ours.length > 0) headers.set('cookie', ours.map(([name, { value }]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    if (origin === gatewayUrl) keep(response);
    return response;
  }

  const post = async (token: string, query: string, input: Record<string, unknown>): Promise<Response> =>
    await visit(`${gatewayUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables: { input } }),
    });

  /** The data of a request that must not have errors. */
  async function ask<Data>(token: string, query: string, input: Record<string, unknown>): Promise<Data> {
    const { data, errors } = (await (await post(token, query, input)).json()) as { data: Data; errors?: unknown };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  return {
    cookies,
    visit,
    post,
    ask,
    /** Where Cal.com is asked; throws the refusal. */
    async begin(token: string, clinicianId?: UserId): Promise<string> {
      const { connectCalcom } = await ask<{ connectCalcom: { authorizationUrl?: string; message?: string } }>(
        token,
        `mutation ($input: ConnectCalcomInput!) { connectCalcom(input: $input) {
          ... on ConnectCalcomSuccess { authorizationUrl } ... on UserError { message } } }`,
        clinicianId === undefined ? {} : { clinicianId: clinicianGid(clinicianId) },
      );
      if (connectCalcom.authorizationUrl === undefined) throw new Error(connectCalcom.message);
      return connectCalcom.authorizationUrl;
    },
    /** The address that Cal.com sends the browser back to. */
    async goToCalcom(url: string): Promise<string> {
      const response = await visit(url);
      return response.headers.get('location') ?? '';
    },
    /** The word on the page that is shown in the end. */
    async comeBack(url: string): Promise<string> {
      const response = await visit(url);
      const page = new URL(response.headers.get('location') ?? '', gatewayUrl);
      if (response.status !== 303 || page.pathname !== '/connected') throw new Error(`HTTP ${response.status} to ${page.pathname}`);
      return page.searchParams.get('result') ?? '';
    },
  };
}
