import { expect, test } from 'vitest';
import { parseConfig } from '../config.ts';

const base = {
  DATABASE_URL: 'postgres://gateway@127.0.0.1/gateway',
  CALCOM_API_URL: 'https://api.cal.clinic.example',
  WEBHOOK_SECRET: 'a secret of the test',
  AUTH_JWT_SECRET: 'a secret of the test, thirty-two bytes',
  DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
};
const client = { CALCOM_OAUTH_CLIENT_ID: 'client', CALCOM_OAUTH_CLIENT_SECRET: 'secret' };

function parse(env: Record<string, string>) {
  const parsed = parseConfig({ ...base, ...env }, null, (path) => path);
  return parsed.ok ? { calcom: parsed.value.calcom, problems: [] } : { calcom: null, problems: parsed.failure };
}

test('without a client nobody can sign in at Cal.com, and no users are made', () => {
  expect(parse({ CALCOM_WEBAPP_URL: 'https://cal.clinic.example' }).calcom).not.toHaveProperty('oauth');
  expect(parse({}).calcom).not.toHaveProperty('platform');
});

test('the addresses are those of the web application, each may be another', () => {
  const { calcom } = parse({
    ...client,
    CALCOM_WEBAPP_URL: 'https://cal.clinic.example/',
    CALCOM_OAUTH_REFRESH_URL: 'https://tokens.example/refresh',
  });
  expect(calcom?.oauth).toEqual({
    clientId: 'client',
    clientSecret: 'secret',
    authorizeUrl: 'https://cal.clinic.example/auth/oauth2/authorize',
    tokenUrl: 'https://cal.clinic.example/api/auth/oauth/token',
    refreshUrl: 'https://tokens.example/refresh',
    redirectUrl: null,
  });
});

test('a client without its secret, or without an address, is complained about', () => {
  expect(parse({ CALCOM_OAUTH_CLIENT_ID: 'client' }).problems).toEqual([
    'CALCOM_OAUTH_CLIENT_ID and CALCOM_OAUTH_CLIENT_SECRET go together.',
  ]);
  expect(parse({ CALCOM_PLATFORM_CLIENT_SECRET: 'secret' }).problems).toEqual([
    'CALCOM_PLATFORM_CLIENT_ID and CALCOM_PLATFORM_CLIENT_SECRET go together.',
  ]);
  expect(parse(client).problems).toEqual([
    'CALCOM_OAUTH_CLIENT_ID needs CALCOM_WEBAPP_URL, or CALCOM_OAUTH_AUTHORIZE_URL, _TOKEN_URL and _REFRESH_URL.',
  ]);
});
