/**
 * The environment, read once into a typed Config. All complaints come together, each naming its variable
 * and what to do. A new variable also goes into `config-variables`, which the README shows.
 */
import { type OAuthSettings, oauthUrls, type PlatformSettings } from './calcom/connection-settings.ts';
import { createReader, type Environment, list, present, type Reader } from './config-reader.ts';
import { fail, ok, type Result } from './kernel/result.ts';

export interface Config {
  production: boolean;
  host: string;
  port: number;
  /** Absolute path for the embedded database and state of ours. */
  dataDir: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Whoever reads `/metrics` must send it; null: there are no metrics. */
  metricsToken: string | null;
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
  /** `only`: the client's own, as they are committed in client/generated/operations.json. */
  persistedOperations: 'any' | 'only';
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

/** Secrets that the sandbox makes for itself and keeps in DATA_DIR. */
export interface SandboxSecrets {
  webhookSecret: string;
  jwtSecret: string;
  /** In the form of DATA_KEYS. */
  dataKeys: string;
}

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
  const read = createReader(env, problems);
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
    metricsToken: metricsToken(read, problems),
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
    persistedOperations: read.oneOf('PERSISTED_OPERATIONS', ['any', 'only'], 'any'),
    replayWindowHours: read.integer('REPLAY_WINDOW_HOURS', 72, 1, 8760),
    drainWindowMs: read.integer('DRAIN_WINDOW_MS', 5000, 0, 120_000),
    slotPatienceMs: read.integer('SLOT_PATIENCE_MS', 1500, 0, 60_000),
  };
  return problems.length === 0 ? ok(config) : fail(problems);
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
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

function metricsToken(read: Reader, problems: string[]): string | null {
  const token = read.text('METRICS_TOKEN');
  if (token !== null && !/^[\x21-\x7e]{16,512}$/.test(token))
    problems.push('METRICS_TOKEN must have 16 to 512 characters without spaces: openssl rand -hex 24');
  return token;
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
