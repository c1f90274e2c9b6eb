/** A clinician leaves our page, grants access at Cal.com and comes back; and everything that must not work on the way. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { UserId } from '../../server/kernel/ids.ts';
import {
  ADMIN,
  ANNA,
  clinicianGid,
  type ConnectionClinic,
  createConnectionClinic,
  DESK,
  FEMKE,
  MIA,
  SAMIR,
} from '../support/connection-clinic.ts';

let clinic: ConnectionClinic;

beforeAll(async () => {
  clinic = await createConnectionClinic();
});
afterAll(() => clinic.close());
beforeEach(async () => {
  await clinic.pool.query(
    `UPDATE "User" SET "calcomUserId" = NULL, "calcomUsername" = NULL, "calcomEmail" = NULL, "calcomApiKey" = NULL, "calcomAccessToken" = NULL,
      "calcomRefreshToken" = NULL, "calcomTokenKind" = NULL, "calcomTokenState" = NULL, "calcomTokenExpiry" = NULL, "calcomTokenSince" = NULL`,
  );
  clinic.core.credentials.forget();
});

const VIEW = `query { clinicians { name calcomConnection { method state calcomUsername scope tokenSince tokenExpiresAt offersSignIn } } }`;

interface View {
  method: string;
  state: string;
  calcomUsername: string | null;
}

async function connectionSeenBy(viewer: UserId, of = 'Dr. Anna de Vries'): Promise<View | null> {
  const { clinicians } = await clinic
    .browser()
    .ask<{ clinicians: { name: string; calcomConnection: View | null }[] }>(await clinic.tokenOf(viewer), VIEW, {});
  return clinicians.find(({ name }) => name === of)?.calcomConnection ?? null;
}

async function beginAs(id: UserId, clinicianId?: UserId) {
  const browser = clinic.browser();
  return { browser, url: await browser.begin(await clinic.tokenOf(id), clinicianId) };
}

const agreeing = (url: string, username = 'anna-de-vries') => `${url}&sandbox_user=${username}`;

describe('the whole way', () => {
  test('a clinician connects, and is used from then on', async () => {
    const { browser, url } = await beginAs(ANNA);
    const asked = new URL(url);
    expect(asked.pathname).toBe('/auth/oauth2/authorize');
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'sandbox-oauth-client',
      redirect_uri: `${clinic.gateways[0]?.url}/api/calcom/callback`,
      code_challenge_method: 'S256',
    });
    expect(asked.searchParams.get('code_challenge')).toHaveLength(43);
    const page = await browser.visit(url);
    expect(await page.text()).toContain('Dr. Anna de Vries');
    expect(await browser.comeBack(await browser.goToCalcom(agreeing(url)))).toBe('connected');

    expect(await connectionSeenBy(ANNA)).toMatchObject({
      method: 'OAUTH',
      state: 'USABLE',
      calcomUsername: 'anna-de-vries',
      offersSignIn: true,
    });
    const credential = await clinic.core.credentials.of(ANNA);
    expect(credential).toMatchObject({ calcomUserId: 1, calcomEmail: 'anna.devries@lindengracht.example' });
    if (credential !== null) expect((await clinic.core.client.listBookings(credential, { take: 1, skip: 0 })).ok).toBe(true);
    const offered = await clinic.pool.query(`SELECT 1 FROM "CalcomEventType" WHERE "clinicianId" = $1 AND "deletedAt" IS NULL`, [ANNA]);
    expect(offered.rowCount).toBeGreaterThan(3);
  });

  test('an admin connects somebody else; a missing expiry means half an hour', async () => {
    expect(await clinic.connect(ADMIN, 'samir-haddad', { clinicianId: SAMIR })).toBe('connected');
    expect(await connectionSeenBy(ADMIN, 'Dr. Samir Haddad')).toEqual({
      method: 'OAUTH',
      state: 'USABLE',
      calcomUsername: 'samir-haddad',
      scope: null,
      tokenSince: '2026-11-23T08:00:00.000Z',
      tokenExpiresAt: '2026-11-23T08:30:00.000Z',
      offersSignIn: true,
    });
    const { rows } = await clinic.pool.query(
      `SELECT "actorId", "subjectId" FROM "AuditEvent" WHERE "action" = 'calcom.connect' AND "subjectId" = $1`,
      [SAMIR],
    );
    expect(rows).toEqual([{ actorId: ADMIN, subjectId: SAMIR }]);
  });

  test('a grant that reads no bookings links the clinician and is not used', async () => {
    expect(await clinic.connect(ANNA, 'anna-de-vries', { scope: 'profile' })).toBe('linked-only');
    expect(await connectionSeenBy(ANNA)).toMatchObject({ method: 'OAUTH', state: 'LINKED_ONLY', calcomUsername: 'anna-de-vries' });
    expect(await clinic.core.credentials.of(ANNA)).toBeNull();
  });

  test('a token that API v2 does not take at all, as those of 5.6, still tells who it is', async () => {
    expect(await clinic.connect(SAMIR, 'samir-haddad', { scope: 'none' })).toBe('linked-only');
    const { rows } = await clinic.pool.query(`SELECT "calcomUserId", "calcomTokenState"::text AS state FROM "User" WHERE "id" = $1`, [
      SAMIR,
    ]);
    expect(rows).toEqual([{ calcomUserId: 2, state: 'LINKED_ONLY' }]);
  });

  test('somebody who says no at Cal.com is told so, and nothing has changed', async () => {
    const { browser, url } = await beginAs(ANNA);
    expect(await browser.comeBack(await browser.goToCalcom(agreeing(url, '')))).toBe('declined');
    expect(await connectionSeenBy(ANNA)).toMatchObject({ method: 'NONE', state: 'NOT_CONNECTED' });
  });

  test('the cookie is for the callback alone, out of reach of scripts, and gone afterwards', async () => {
    const browser = clinic.browser();
    const token = await clinic.tokenOf(ANNA);
    const response = await browser.post(
      token,
      `mutation ($input: ConnectCalcomInput!) { connectCalcom(input: $input) { ... on ConnectCalcomSuccess { authorizationUrl } } }`,
      {},
    );
    const { data } = (await response.json()) as { data: { connectCalcom: { authorizationUrl: string } } };
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^calcom_connect=[\w-]{43}; Path=\/api\/calcom\/callback; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ]);
    const back = await browser.visit(await browser.goToCalcom(agreeing(data.connectCalcom.authorizationUrl)));
    expect(back.status).toBe(303);
    expect(back.headers.get('location')).toBe('/connected?result=connected');
    expect(back.headers.get('referrer-policy')).toBe('no-referrer');
    expect(back.headers.get('cache-control')).toBe('no-store');
    expect(browser.cookies.size).toBe(0);
  });
});

describe('what does not connect anybody', () => {
  test('a state that was used before', async () => {
    const { browser, url } = await beginAs(ANNA);
    const cookie = browser.cookies.get('calcom_connect');
    const back = await browser.goToCalcom(agreeing(url));
    expect(await browser.comeBack(back)).toBe('connected');
    if (cookie !== undefined) browser.cookies.set('calcom_connect', cookie);
    expect(await browser.comeBack(back)).toBe('invalid');
  });

  test('the same return from ten windows at once connects once', async () => {
    const { browser, url } = await beginAs(ANNA);
    const back = await browser.goToCalcom(agreeing(url));
    const words = await Promise.all(Array.from({ length: 10 }, () => browser.comeBack(back)));
    expect(words.toSorted()).toEqual(['connected', ...Array.from({ length: 9 }, () => 'invalid')]);
  });

  test('another browser, which lacks the cookie: and the state is still good in the right one', async () => {
    const { browser, url } = await beginAs(ANNA);
    const back = await browser.goToCalcom(agreeing(url));
    expect(await clinic.browser().comeBack(back)).toBe('invalid');
    const stranger = await beginAs(SAMIR);
    expect(await stranger.browser.comeBack(back)).toBe('invalid');
    expect(await browser.comeBack(back)).toBe('connected');
  });

  test('a state that is ten minutes old', async () => {
    const { browser, url } = await beginAs(ANNA);
    const back = await browser.goToCalcom(agreeing(url));
    clinic.clock.advance(10 * 60_000);
    expect(await browser.comeBack(back)).toBe('expired');
    expect(await browser.comeBack(back)).toBe('invalid');
  });

  test('a state, a cookie or a code that somebody made up', async () => {
    const { browser, url } = await beginAs(ANNA);
    const callback = `${clinic.gateways[0]?.url}/api/calcom/callback`;
    expect(await browser.comeBack(callback)).toBe('invalid');
    expect(await browser.comeBack(`${callback}?state=made-up&code=x`)).toBe('invalid');
    const again = await beginAs(ANNA);
    const state = new URL(again.url).searchParams.get('state');
    expect(await again.browser.comeBack(`${callback}?state=${state}&code=made-up`)).toBe('failed');
    expect(url).not.toBe(again.url);
  });

  test('a Cal.com user who is another clinician here', async () => {
    expect(await clinic.connect(ANNA, 'anna-de-vries')).toBe('connected');
    expect(await clinic.connect(SAMIR, 'anna-de-vries')).toBe('already-linked');
    expect(await connectionSeenBy(ADMIN, 'Dr. Samir Haddad')).toMatchObject({ method: 'NONE', calcomUsername: null });
  });

  test('another Cal.com user than the clinician is known as, until that is forgotten', async () => {
    expect(await clinic.connect(ANNA, 'anna-de-vries')).toBe('connected');
    expect(await clinic.connect(ANNA, 'femke-jansen')).toBe('another-user');
    await disconnect(ANNA, false);
    expect(await connectionSeenBy(ANNA)).toMatchObject({ method: 'NONE', calcomUsername: 'anna-de-vries' });
    await disconnect(ANNA, true);
    expect(await clinic.connect(ANNA, 'femke-jansen')).toBe('connected');
  });

  test('a person who lost the right to meanwhile', async () => {
    const { browser, url } = await beginAs(ADMIN, FEMKE);
    const back = await browser.goToCalcom(agreeing(url, 'femke-jansen'));
    await clinic.pool.query(`UPDATE "User" SET "disabledAt" = now() WHERE "id" = $1`, [ADMIN]);
    expect(await browser.comeBack(back)).toBe('invalid');
    await clinic.pool.query(`UPDATE "User" SET "disabledAt" = NULL WHERE "id" = $1`, [ADMIN]);
  });

  test('patients, the front desk, and clinicians for each other', async () => {
    for (const [who, whom] of [
      [MIA, ANNA],
      [DESK, ANNA],
      [SAMIR, ANNA],
    ] as const)
      await expect(beginAs(who, whom)).rejects.toThrow('Clinicians connect themselves; admins connect anyone.');
    expect(await connectionSeenBy(DESK)).toBeNull();
    expect(await connectionSeenBy(SAMIR)).toBeNull();
  });

  test('a Cal.com that is away', async () => {
    const { browser, url } = await beginAs(ANNA);
    const back = await browser.goToCalcom(agreeing(url));
    clinic.sandbox.control.setFaults({ api: { down: true } });
    expect(await browser.comeBack(back)).toBe('failed');
    await clinic.sandbox.control.clearFaults();
    expect(await connectionSeenBy(ANNA)).toMatchObject({ method: 'NONE' });
  });
});

test('no secret of any of these walks was logged, nor is one readable in the database', async () => {
  expect(await clinic.connect(ANNA, 'anna-de-vries')).toBe('connected');
  const bearer = (await clinic.core.credentials.of(ANNA))?.bearer ?? '';
  expect(bearer).toMatch(/^eyJ/);
  const log = clinic.logged.join('\n');
  for (const secret of [bearer, 'eyJ', 'sandbox-oauth-secret', 'code=', 'state=']) expect(log).not.toContain(secret);
  const { rows } = await clinic.pool.query(
    `SELECT "calcomAccessToken" || "calcomRefreshToken" AS stored FROM "User" WHERE "id" = $1 UNION ALL SELECT "verifier" FROM "CalcomConnectionAttempt"`,
    [ANNA],
  );
  for (const { stored } of rows as { stored: string }[]) expect(stored).toMatch(/^k1:[\w+/=:]+$/);
});

async function disconnect(id: UserId, forgetIdentity: boolean): Promise<void> {
  await clinic
    .browser()
    .ask(
      await clinic.tokenOf(ADMIN),
      `mutation ($input: DisconnectCalcomInput!) { disconnectCalcom(input: $input) { ... on DisconnectCalcomSuccess { clinician { name } } } }`,
      { clinicianId: clinicianGid(id), forgetIdentity },
    );
}
