/** Every variable of the environment that the gateway reads. The README shows this table, and a check holds it to that. */

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
  {
    name: 'METRICS_TOKEN',
    meaning: 'Turns on `GET /metrics` for those who send it as a bearer token; 16 characters or more',
    default: 'none: no metrics',
  },
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
  {
    name: 'PERSISTED_OPERATIONS',
    meaning: "`only` answers the operations of the gateway's own client and no others, without GraphiQL; `any` answers all",
    default: 'any',
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
