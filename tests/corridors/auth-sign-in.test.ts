import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccounts } from '../../server/auth/account.ts';
import { createAuthenticate } from '../../server/auth/authenticate.ts';
import { issueToken } from '../../server/auth/issue-token.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { CONFIG, createGraphqlClinic, type GraphqlClinic, NOW, personGid, SECRET } from './graphql-clinic.ts';

let clinic: GraphqlClinic;
let admin: UserId;
let mia: UserId;
let gone: UserId;

const now = Math.floor(new Date(NOW).getTime() / 1000);
const ISSUER = 'https://id.example';

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  admin = await clinic.addPerson('ADMIN', 'Ada Admin');
  mia = await clinic.addPerson('PATIENT', 'Mia Bakker');
  gone = await clinic.addPerson('CLINICIAN', 'Dr. Gone', { disabledAt: new Date(NOW) });
  await clinic.pool.query(`UPDATE "User" SET "identityIssuer" = $2, "identitySubject" = 'mia-there' WHERE "id" = $1`, [mia, ISSUER]);
});

afterAll(() => clinic.close());

const own = (sub: string, more: JWTPayload = {}): JWTPayload => ({ iss: 'fintan-gateway', sub, exp: now + 60, ...more });
const sign = (payload: JWTPayload, secret = SECRET, alg = 'HS256') =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));

const who = '{ viewer { role user { id } } }';

describe('with a secret', () => {
  test('our own token is the person it names', async () => {
    expect(await clinic.data(await sign(own(admin)), who)).toEqual({ viewer: { role: 'ADMIN', user: { id: personGid('User', admin) } } });
  });

  test('a token that names no issuer is of our own making, where none is configured', async () => {
    expect(await clinic.data(await sign({ sub: admin, exp: now + 60 }), who)).toMatchObject({ viewer: { role: 'ADMIN' } });
  });

  test("another issuer's token is the person known by (iss, sub)", async () => {
    expect(await clinic.data(await sign({ iss: ISSUER, sub: 'mia-there', exp: now + 60 }), who)).toMatchObject({
      viewer: { role: 'PATIENT' },
    });
  });

  test('a role claim lowers and never raises', async () => {
    expect(await clinic.data(await sign(own(admin, { role: 'DISPLAY' })), who)).toMatchObject({ viewer: { role: 'DISPLAY' } });
    expect(await clinic.data(await sign(own(mia, { role: 'ADMIN' })), who)).toMatchObject({ viewer: { role: 'PATIENT' } });
  });

  test.each<[string, () => string | Promise<string>]>([
    ['no signature (alg none)', () => new UnsecuredJWT(own(admin)).encode()],
    ['another secret', () => sign(own(admin), `${SECRET} `)],
    ['another algorithm', () => sign(own(admin), SECRET.repeat(2), 'HS512')],
    [
      'an asymmetric algorithm',
      async () => new SignJWT(own(admin)).setProtectedHeader({ alg: 'ES256' }).sign((await generateKeyPair('ES256')).privateKey),
    ],
    ['an end that has passed', () => sign(own(admin, { exp: now - 1 }))],
    ['no end', () => sign({ iss: 'fintan-gateway', sub: admin })],
    ['a beginning that lies ahead', () => sign(own(admin, { nbf: now + 600 }))],
    ['no subject', () => sign({ iss: 'fintan-gateway', exp: now + 60 })],
    ['an unknown person', () => sign(own('00000000-0000-7000-8000-00000000dead'))],
    ['a subject that is no id', () => sign(own("'; DROP TABLE"))],
    ["our id under another issuer's name", () => sign({ iss: ISSUER, sub: admin, exp: now + 60 })],
    ['a disabled account', () => sign(own(gone))],
    [
      'a payload that was changed',
      async () => (await sign(own(mia))).replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify(own(admin))).toString('base64url')}.`),
    ],
  ])('%s: UNAUTHENTICATED, and nothing is answered', async (_what, token) => {
    const answer = await clinic.ask(await token(), '{ clinic { name } }');
    expect(answer.status).toBe(401);
    expect(answer.data).toBeNull();
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test.each(['Basic YTpi', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(9000)}.y.z`, 'eyJhbGciOiJIUzI1NiJ9.e30.x'])(
    'the header "%.20s" is refused',
    async (authorization) => {
      expect(await clinic.authenticate(authorization)).toMatchObject({ ok: false, failure: { code: 'UNAUTHENTICATED' } });
    },
  );

  test('no header, or an empty one, is nobody', async () => {
    for (const none of [null, '', '  ']) expect(await clinic.authenticate(none)).toEqual({ ok: true, value: null });
  });

  test('an expected issuer and audience are checked, also in our own tokens', async () => {
    const auth = { ...CONFIG.auth, issuer: ISSUER, audience: 'gateway' };
    const authenticate = createAuthenticate({ auth, accounts: createAccounts(clinic.pool), clock: clinic.clock, log: silentLog });
    const outcome = async (payload: JWTPayload) => (await authenticate(`Bearer ${await sign(payload)}`)).ok;
    expect(await outcome({ iss: ISSUER, sub: 'mia-there', aud: 'gateway', exp: now + 60 })).toBe(true);
    expect(await outcome({ iss: ISSUER, sub: 'mia-there', aud: 'another', exp: now + 60 })).toBe(false);
    expect(await outcome({ iss: 'https://evil.example', sub: 'mia-there', aud: 'gateway', exp: now + 60 })).toBe(false);
    expect(await outcome(own(admin))).toBe(false);
    expect(await outcome({ sub: admin, aud: 'gateway', exp: now + 60 })).toBe(false);
    const issued = await issueToken(auth, clinic.clock, admin, 60);
    expect(issued.ok && (await authenticate(`Bearer ${issued.value.token}`)).ok).toBe(true);
  });
});

describe("with an identity provider's keys", () => {
  let provider: Server;
  let keys: CryptoKeyPair;
  const auth = { keys: { kind: 'jwks' as const, url: '' }, issuer: ISSUER, audience: 'gateway', provisionPatients: true, tokenUrl: null };

  beforeAll(async () => {
    keys = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' };
    provider = createServer((_request, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
    );
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    auth.keys = { kind: 'jwks', url: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/` };
  });

  afterAll(() => new Promise((resolve) => provider.close(resolve)));

  const signWithKey = (payload: JWTPayload) => new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(keys.privateKey);
  const claims = (sub: string, more: JWTPayload = {}): JWTPayload => ({ iss: ISSUER, aud: 'gateway', sub, exp: now + 60, ...more });
  const signIn = async (token: string, provisionPatients = true) =>
    createAuthenticate({
      auth: { ...auth, provisionPatients },
      accounts: createAccounts(clinic.pool),
      clock: clinic.clock,
      log: silentLog,
    })(`Bearer ${token}`);

  test('a known person is found', async () => {
    expect(await signIn(await signWithKey(claims('mia-there')))).toEqual({
      ok: true,
      value: { userId: mia, role: 'PATIENT', expiresAt: (now + 60) * 1000 },
    });
  });

  test('a shared secret is no way in, not even the public key as one', async () => {
    const publicKey = JSON.stringify(await exportJWK(keys.publicKey));
    for (const secret of [SECRET, publicKey]) expect((await signIn(await sign(claims('mia-there'), secret))).ok).toBe(false);
  });

  test('a token of our own making is not accepted', async () => {
    expect((await signIn(await signWithKey({ ...claims(admin), iss: 'fintan-gateway' }))).ok).toBe(false);
    expect(await issueToken(auth, clinic.clock, admin, 60)).toMatchObject({ ok: false });
  });

  test('an unknown person with a verified e-mail becomes a patient, once', async () => {
    const token = await signWithKey(
      claims('new-one', { email: 'New@Example.com', email_verified: true, name: 'New One', zoneinfo: 'Europe/Berlin' }),
    );
    const [first, second] = await Promise.all([signIn(token), signIn(token)]);
    expect(first).toMatchObject({ ok: true, value: { role: 'PATIENT' } });
    expect(second).toEqual(first);
    const rows = await clinic.pool.query(
      `SELECT "role", "email", "emailVerified", "name", "timezone" FROM "User" WHERE "identitySubject" = 'new-one'`,
    );
    expect(rows.rows).toEqual([
      { role: 'PATIENT', email: 'new@example.com', emailVerified: true, name: 'New One', timezone: 'Europe/Berlin' },
    ]);
  });

  test('not without a verified e-mail, and not where patients are not provisioned', async () => {
    expect((await signIn(await signWithKey(claims('unverified', { email: 'x@example.com', email_verified: false })))).ok).toBe(false);
    expect((await signIn(await signWithKey(claims('no-mail', { email_verified: true })))).ok).toBe(false);
    expect((await signIn(await signWithKey(claims('unwanted', { email: 'x@example.com', email_verified: true })), false)).ok).toBe(false);
  });

  test('keys that cannot be fetched are not the fault of the token', async () => {
    const authenticate = createAuthenticate({
      auth: { ...auth, keys: { kind: 'jwks', url: 'http://127.0.0.1:1/' } },
      accounts: createAccounts(clinic.pool),
      clock: clinic.clock,
      log: silentLog,
    });
    expect(await authenticate(`Bearer ${await signWithKey(claims('mia-there'))}`)).toMatchObject({
      ok: false,
      failure: { code: 'KEYS_UNAVAILABLE' },
    });
  });
});
