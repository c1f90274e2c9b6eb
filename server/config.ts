/**
 * The environment, read once into a typed Config. All complaints come together, each naming its variable
 * and what to do. `variables` is also what the README's table is checked against.
 */
import { z } from 'zod';
import { type OAuthSettings, oauthUrls, type PlatformSettings } from './calcom/connection-settings.ts';
import { fail, ok, type Result } from './kernel/result.ts';

export interface Config {
  production: boolean;
  host: string;
  port: number;
  /** Absolute path for the embedded database and state of ours. */
  dataDir: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Origins, apart from the gateway's own, that may open a WebSocket or call with a browser. */
  allowedOrigins: string[];
  database: { url: string | null; poolSize: number };
  redisUrl: string | null;
  /** True: the gateway starts and feeds its own Cal.com. */
  sandbox: boolean;
  calcom: CalcomSettings | null;
  webhook: { secret: string; previousSecret: string | null };
  /** Public URL of `/api/calcom/webhooks`, as Cal.com reaches it; null: not told. In the sandbox the gateway's own. */
  webhookEndpoint: string | null;
  auth: {
    keys: { kind: 'secret'; secret: string } | { kind: 'jwks'; url: string };
    issuer: string | null;
    audience: string | null;
    provisionPatients: boolean;
    /** Path of this origin where a browser gets its person's token. */
    tokenUrl: string | null;
  };
  /** First encrypts, all decrypt. Key: 32 bytes. */
  dataKeys: { id: string; key: Buffer }[];
  clinic: { name: string; timeZone: string; waitAmberMinutes: number; waitRedMinutes: number };
  patientChangeCutoffMinutes: number;
  frontDeskMayConfirm: boolean;
  /** Domain of the addresses made for people who have none. */
  placeholderEmailDomain: string;
  replayWindowHours: number;
  /** Longest time over which a stop spreads the sending away of live clients. */
  drainWindowMs: number;
  /** How long a person waits for free slots while Cal.com is slow, when there is a last known answer. */
  slotPatienceMs: number;
}

export interface CalcomSettings {
  apiUrl: string;
  apiKey: string | null;
  webappUrl: string | null;
  /** Absent: nobody can connect by signing in at Cal.com. */
  oauth?: OAuthSettings;
  /** Absent: no Cal.com users are made. */
  platform?: PlatformSettings;
}

export interface Variable {
  name: string;
  meaning: string;
  unit?: string;
  default: string;
}

/** Every variable the gateway reads; nothing else of the environment matters to it. */
export const variables: readonly Variable[] = [
  { name: 'NODE_ENV', meaning: '`production` refuses the sandbox', default: 'development' },
  { name: 'HOST', meaning: 'Address to listen on', default: '127.0.0.1' },
  { name: 'PORT', meaning: 'Port to listen on', default: '3000' },
  { name: 'DATA_DIR', meaning: 'Folder of the embedded database and local state', default: '.data' },
  { name: 'LOG_LEVEL', meaning: '`debug`, `info`, `warn` or `error`', default: 'warn in the sandbox, else info' },
  { name: 'ALLOWED_ORIGINS', meaning: 'Further browser origins that may call and subscribe, comma separated', default: 'none' },
  { name: 'DATABASE_URL', meaning: 'PostgreSQL 15 or newer; unset: an embedded one', default: 'embedded' },
  { name: 'DATABASE_POOL_SIZE', meaning: 'Connections of one instance', default: '10' },
  { name: 'REDIS_URL', meaning: 'Rings the bell and shares free times across instances; unset: within the process', default: 'none' },
  {
    name: 'SANDBOX',
    meaning: '`true` starts the sandbox Cal.com although DATABASE_URL is set',
    default: 'true when neither CALCOM_API_URL nor DATABASE_URL is set',
  },
  { name: 'CALCOM_API_URL', meaning: 'Origin of the Cal.com API v2 container', default: 'the sandbox' },
  { name: 'CALCOM_API_KEY', meaning: 'A `cal_…` key; belongs to the one user that `/v2/me` names', default: 'none' },
  { name: 'CALCOM_WEBAPP_URL', meaning: 'Public origin of the Cal.com web app', default: 'none' },
  { name: 'CALCOM_OAUTH_CLIENT_ID', meaning: 'OAuth client of Cal.com: clinicians connect by signing in there', default: 'none' },
  { name: 'CALCOM_OAUTH_CLIENT_SECRET', meaning: 'Its secret; required with the id', default: 'none' },
  {
    name: 'CALCOM_OAUTH_AUTHORIZE_URL',
    meaning: 'Where a browser is sent to connect',
    default: '`<CALCOM_WEBAPP_URL>/auth/oauth2/authorize`',
  },
  { name: 'CALCOM_OAUTH_TOKEN_URL', meaning: 'Exchanges codes', default: '`<CALCOM_WEBAPP_URL>/api/auth/oauth/token`' },
  { name: 'CALCOM_OAUTH_REFRESH_URL', meaning: 'Renews tokens', default: '`<CALCOM_WEBAPP_URL>/api/auth/oauth/refreshToken`' },
  {
    name: 'CALCOM_OAUTH_REDIRECT_URL',
    meaning: 'Public URL of `/api/calcom/callback`, as registered with the OAuth client',
    default: 'the address in the browser, on this machine only',
  },
  {
    name: 'CALCOM_PLATFORM_CLIENT_ID',
    meaning: 'Platform OAuth client: Cal.com users are made for clinicians who have none. Deprecated by Cal.com',
    default: 'none',
  },
  { name: 'CALCOM_PLATFORM_CLIENT_SECRET', meaning: 'Its secret; required with the id', default: 'none' },
  { name: 'WEBHOOK_SECRET', meaning: 'Secret of the webhooks registered at Cal.com', default: 'random in the sandbox, else required' },
  {
    name: 'WEBHOOK_ENDPOINT',
    meaning: 'Public URL of `/api/calcom/webhooks`, as Cal.com reaches it; what `cli webhooks register` registers',
    default: "the gateway's own in the sandbox, else none",
  },
  { name: 'WEBHOOK_SECRET_PREVIOUS', meaning: 'Also accepted while the secret is being rotated', default: 'none' },
  {
    name: 'AUTH_JWT_SECRET',
    meaning: 'HS256 secret of sign-in tokens, at least 32 bytes',
    default: 'random in the sandbox; else this or AUTH_JWKS_URL',
  },
  { name: 'AUTH_JWKS_URL', meaning: 'Key set of the identity provider (asymmetric algorithms only)', default: 'none' },
  { name: 'AUTH_JWT_ISSUER', meaning: 'Expected `iss`; required with AUTH_JWKS_URL', default: 'none' },
  { name: 'AUTH_JWT_AUDIENCE', meaning: 'Expected `aud`; required with AUTH_JWKS_URL', default: 'none' },
  { name: 'AUTH_PROVISION_PATIENTS', meaning: '`true` creates an unknown person with a verified e-mail as PATIENT', default: 'false' },
  {
    name: 'AUTH_TOKEN_URL',
    meaning: 'Path of this origin, of the proxy that signs people in, where their browser gets a token: `{"token": …}`',
    default: 'none: tokens are pasted',
  },
  {
    name: 'DATA_KEYS',
    meaning: 'Keys for stored secrets and webhook payloads: `id:base64,…`, 32 bytes each, the first encrypts',
    default: 'random in the sandbox, else required',
  },
  { name: 'CLINIC_NAME', meaning: 'Shown at the top of every page', default: 'Fintan Virtual Care Hub' },
  { name: 'CLINIC_TIME_ZONE', meaning: 'IANA zone of the clinic day', default: 'Europe/Amsterdam in the sandbox, else UTC' },
  { name: 'WAIT_AMBER_MINUTES', meaning: 'Waiting time shown in amber', unit: 'minutes', default: '10' },
  { name: 'WAIT_RED_MINUTES', meaning: 'Waiting time shown in red', unit: 'minutes', default: '20' },
  {
    name: 'PATIENT_CHANGE_CUTOFF_MINUTES',
    meaning: 'Patients may reschedule and cancel until this long before the start',
    unit: 'minutes',
    default: '60',
  },
  {
    name: 'FRONT_DESK_MAY_CONFIRM',
    meaning: "`true` lets the front desk confirm and decline with the host's credential",
    default: 'false',
  },
  {
    name: 'PLACEHOLDER_EMAIL_DOMAIN',
    meaning: 'Domain of the addresses that Cal.com gets for people without e-mail; nobody must be able to receive mail there',
    default: 'placeholder.invalid',
  },
  { name: 'REPLAY_WINDOW_HOURS', meaning: 'How far back a dashboard may resume', unit: 'hours', default: '72' },
  {
    name: 'DRAIN_WINDOW_MS',
    meaning: 'A stop sends one live client away each millisecond, or faster, so that all are gone within this time',
    unit: 'milliseconds',
    default: '5000',
  },
  {
    name: 'SLOT_PATIENCE_MS',
    meaning: 'How long free times are waited for when Cal.com is slow, before the last known ones are shown',
    unit: 'milliseconds',
    default: '1500',
  },
];

/** Secrets that the sandbox makes for itself and keeps in DATA_DIR. */
export interface SandboxSecrets {
  webhookSecret: string;
  jwtSecret: string;
  /** In the form of DATA_KEYS. */
  dataKeys: string;
}

type Environment = Record<string, string | undefined>;

/** Whether this environment asks for the sandbox; decided before the rest, because the sandbox brings its own secrets. */
export function wantsSandbox(env: Environment): boolean {
  const asked = present(env.SANDBOX);
  if (asked !== null) return asked === 'true';
  return present(env.CALCOM_API_URL) === null && present(env.DATABASE_URL) === null;
}

/** Parses the environment; failures are sentences for the person who starts the gateway. */
export function parseConfig(
  env: Environment,
  sandboxSecrets: SandboxSecrets | null,
  resolvePath: (path: string) => string,
): Result<Config, string[]> {
  const problems: string[] = [];
  const read = reader(env, problems);
  const sandbox = wantsSandbox(env);
  const production = present(env.NODE_ENV) === 'production';
  const inSandbox = sandbox ? sandboxSecrets : null;

  if (present(env.SANDBOX) !== null && !['true', 'false'].includes(present(env.SANDBOX) ?? ''))
    problems.push('SANDBOX must be true or false.');
  if (sandbox && production)
    problems.push('The sandbox refuses NODE_ENV=production: set CALCOM_API_URL and DATABASE_URL, or another NODE_ENV.');
  if (sandbox && present(env.CALCOM_API_URL) !== null) problems.push('SANDBOX=true and CALCOM_API_URL exclude each other: unset one.');
  if (!sandbox && present(env.CALCOM_API_URL) === null)
    problems.push('DATABASE_URL without CALCOM_API_URL: set CALCOM_API_URL to your Cal.com API v2, or SANDBOX=true for the built-in one.');

  const apiUrl = read.url('CALCOM_API_URL', ['http:', 'https:']);
  const webhookSecret = read.text('WEBHOOK_SECRET') ?? inSandbox?.webhookSecret ?? null;
  if (webhookSecret === null) problems.push('WEBHOOK_SECRET is missing: set the secret that the webhooks are registered with at Cal.com.');
  if (webhookSecret === 'no-secret-provided')
    problems.push('WEBHOOK_SECRET must not be "no-secret-provided": Cal.com sends that literal for webhooks without a secret.');

  const config: Config = {
    production,
    host: read.text('HOST') ?? '127.0.0.1',
    port: read.integer('PORT', 3000, 0, 65_535),
    dataDir: resolvePath(read.text('DATA_DIR') ?? '.data'),
    logLevel: read.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], sandbox ? 'warn' : 'info'),
    allowedOrigins: list(env.ALLOWED_ORIGINS).map((origin) => read.origin('ALLOWED_ORIGINS', origin)),
    database: { url: read.url('DATABASE_URL', ['postgres:', 'postgresql:']), poolSize: read.integer('DATABASE_POOL_SIZE', 10, 5, 500) },
    redisUrl: read.url('REDIS_URL', ['redis:', 'rediss:']),
    sandbox,
    calcom:
      apiUrl === null
        ? null
        : {
            apiUrl: withoutSlash(apiUrl),
            apiKey: read.text('CALCOM_API_KEY'),
            webappUrl: read.url('CALCOM_WEBAPP_URL', ['http:', 'https:']),
            ...waysToConnect(read, problems),
          },
    webhook: { secret: webhookSecret ?? '', previousSecret: read.text('WEBHOOK_SECRET_PREVIOUS') },
    webhookEndpoint: read.url('WEBHOOK_ENDPOINT', ['https:', 'http:']),
    auth: {
      keys: authKeys(env, inSandbox, problems, read),
      issuer: read.text('AUTH_JWT_ISSUER'),
      audience: read.text('AUTH_JWT_AUDIENCE'),
      provisionPatients: read.flag('AUTH_PROVISION_PATIENTS'),
      tokenUrl: read.path('AUTH_TOKEN_URL'),
    },
    dataKeys: dataKeys(present(env.DATA_KEYS) ?? inSandbox?.dataKeys ?? null, problems),
    clinic: {
      name: read.text('CLINIC_NAME') ?? 'Fintan Virtual Care Hub',
      timeZone: read.timeZone('CLINIC_TIME_ZONE', sandbox ? 'Europe/Amsterdam' : 'UTC'),
      waitAmberMinutes: read.integer('WAIT_AMBER_MINUTES', 10, 1, 600),
      waitRedMinutes: read.integer('WAIT_RED_MINUTES', 20, 1, 600),
    },
    patientChangeCutoffMinutes: read.integer('PATIENT_CHANGE_CUTOFF_MINUTES', 60, 0, 100_000),
    frontDeskMayConfirm: read.flag('FRONT_DESK_MAY_CONFIRM'),
    placeholderEmailDomain: read.domain('PLACEHOLDER_EMAIL_DOMAIN', 'placeholder.invalid'),
    replayWindowHours: read.integer('REPLAY_WINDOW_HOURS', 72, 1, 8760),
    drainWindowMs: read.integer('DRAIN_WINDOW_MS', 5000, 0, 120_000),
    slotPatienceMs: read.integer('SLOT_PATIENCE_MS', 1500, 0, 60_000),
  };
  return problems.length === 0 ? ok(config) : fail(problems);
}

/** An environment variable set to the empty string counts as unset (compose files expand missing ones so). */
function present(value: string | undefined): string | null {
  const trimmed = value?.trim();
  return trimmed === undefined || trimmed === '' ? null : trimmed;
}

function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

type Reader = ReturnType<typeof reader>;

function reader(env: Environment, problems: string[]) {
  const text = (name: string) => present(env[name]);
  return {
    text,
    integer(name: string, standard: number, least: number, most: number): number {
      const value = text(name);
      if (value === null) return standard;
      const parsed = z.coerce.number().int().min(least).max(most).safeParse(value);
      if (parsed.success) return parsed.data;
      problems.push(`${name} must be a whole number from ${least} to ${most}, not "${value}".`);
      return standard;
    },
    flag(name: string): boolean {
      const value = text(name);
      if (value !== null && value !== 'true' && value !== 'false') problems.push(`${name} must be true or false, not "${value}".`);
      return value === 'true';
    },
    oneOf<Choice extends string>(name: string, choices: readonly Choice[], standard: Choice): Choice {
      const value = text(name);
      if (value === null) return standard;
      const found = choices.find((choice) => choice === value);
      if (found === undefined) problems.push(`${name} must be one of ${choices.join(', ')}, not "${value}".`);
      return found ?? standard;
    },
    url(name: string, protocols: string[]): string | null {
      const value = text(name);
      if (value === null) return null;
      if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
      problems.push(`${name} must be a URL beginning with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`);
      return null;
    },
    path(name: string): string | null {
      const value = text(name);
      if (value === null || /^\/(?!\/)[\w./~-]*$/.test(value)) return value;
      problems.push(`${name} must be a path of the gateway's own origin such as /oauth2/token, not "${value}".`);
      return null;
    },
    origin(name: string, value: string): string {
      if (URL.canParse(value) && new URL(value).origin === value) return value;
      problems.push(`${name} must list origins such as https://clinic.example, without a path; "${value}" is none.`);
      return value;
    },
    domain(name: string, standard: string): string {
      const value = text(name)?.toLowerCase() ?? null;
      if (value === null) return standard;
      if (/^(?=.{4,190}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(value)) return value;
      problems.push(`${name} must be a domain such as placeholder.invalid, not "${value}".`);
      return standard;
    },
    timeZone(name: string, standard: string): string {
      const value = text(name);
      if (value === null) return standard;
      if (isTimeZone(value)) return value;
      problems.push(`${name} must be an IANA zone such as Europe/Amsterdam, not "${value}".`);
      return standard;
    },
  };
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return !/^[+-]/.test(value);
  } catch {
    return false;
  }
}

function authKeys(env: Environment, inSandbox: SandboxSecrets | null, problems: string[], read: Reader): Config['auth']['keys'] {
  const secret = read.text('AUTH_JWT_SECRET');
  const jwks = read.url('AUTH_JWKS_URL', ['https:', 'http:']);
  if (secret !== null && present(env.AUTH_JWKS_URL) !== null)
    problems.push('AUTH_JWT_SECRET and AUTH_JWKS_URL exclude each other: set exactly one.');
  if (jwks !== null) {
    for (const name of ['AUTH_JWT_ISSUER', 'AUTH_JWT_AUDIENCE'])
      if (read.text(name) === null) problems.push(`${name} is required with AUTH_JWKS_URL.`);
    return { kind: 'jwks', url: jwks };
  }
  const chosen = secret ?? inSandbox?.jwtSecret ?? null;
  if (chosen === null) problems.push('Sign-in needs AUTH_JWT_SECRET (at least 32 bytes) or AUTH_JWKS_URL.');
  else if (Buffer.byteLength(chosen) < 32) problems.push('AUTH_JWT_SECRET must have at least 32 bytes: openssl rand -base64 48');
  return { kind: 'secret', secret: chosen ?? '' };
}

/** Each is on when its client is named, and then it must be whole. */
function waysToConnect(read: Reader, problems: string[]): Pick<CalcomSettings, 'oauth' | 'platform'> {
  const oauth = client('CALCOM_OAUTH', read, problems);
  const platform = client('CALCOM_PLATFORM', read, problems);
  return {
    ...(oauth === null ? {} : { oauth: { ...oauth, ...oauthAddresses(read, problems) } }),
    ...(platform === null ? {} : { platform }),
  };
}

function client(prefix: string, read: Reader, problems: string[]): { clientId: string; clientSecret: string } | null {
  const clientId = read.text(`${prefix}_CLIENT_ID`);
  const clientSecret = read.text(`${prefix}_CLIENT_SECRET`);
  if ((clientId === null) !== (clientSecret === null)) problems.push(`${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET go together.`);
  return clientId === null || clientSecret === null ? null : { clientId, clientSecret };
}

function oauthAddresses(read: Reader, problems: string[]): Omit<OAuthSettings, 'clientId' | 'clientSecret'> {
  const url = (name: string) => read.url(name, ['https:', 'http:']);
  const webapp = url('CALCOM_WEBAPP_URL');
  const usual = webapp === null ? null : oauthUrls(webapp);
  const authorizeUrl = url('CALCOM_OAUTH_AUTHORIZE_URL') ?? usual?.authorizeUrl;
  const tokenUrl = url('CALCOM_OAUTH_TOKEN_URL') ?? usual?.tokenUrl;
  const refreshUrl = url('CALCOM_OAUTH_REFRESH_URL') ?? usual?.refreshUrl;
  if (authorizeUrl === undefined || tokenUrl === undefined || refreshUrl === undefined)
    problems.push('CALCOM_OAUTH_CLIENT_ID needs CALCOM_WEBAPP_URL, or CALCOM_OAUTH_AUTHORIZE_URL, _TOKEN_URL and _REFRESH_URL.');
  return {
    authorizeUrl: authorizeUrl ?? '',
    tokenUrl: tokenUrl ?? '',
    refreshUrl: refreshUrl ?? '',
    redirectUrl: url('CALCOM_OAUTH_REDIRECT_URL'),
  };
}

function dataKeys(text: string | null, problems: string[]): Config['dataKeys'] {
  if (text === null) {
    problems.push('DATA_KEYS is missing: DATA_KEYS="k1:$(openssl rand -base64 32)"');
    return [];
  }
  const keys: Config['dataKeys'] = [];
  for (const part of list(text)) {
    const separator = part.indexOf(':');
    const id = part.slice(0, Math.max(separator, 0));
    const key = Buffer.from(part.slice(separator + 1), 'base64');
    if (!/^[\w-]{1,32}$/.test(id) || key.length !== 32)
      problems.push(`DATA_KEYS has a part that is not id:base64 of 32 bytes (part ${keys.length + 1}).`);
    else if (keys.some((known) => known.id === id)) problems.push(`DATA_KEYS names the key "${id}" twice.`);
    else keys.push({ id, key });
  }
  return keys;
}
