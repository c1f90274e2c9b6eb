/** A clinician and their Cal.com user are made to agree, whichever way they are connected; keys go in and never come out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calcomFailure } from '../../server/calcom/errors.ts';
import { examineConnection } from '../../server/connection/examine-connection.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { fail } from '../../server/kernel/result.ts';
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

const ANNAS_KEY = 'cal_sandbox_anna_0000000000000000';
const SAMIRS_KEY = 'cal_sandbox_samir_000000000000000';

const SYNC = `mutation ($input: SyncUserToCalcomInput!) { result: syncUserToCalcom(input: $input) {
  __typename ... on SyncUserToCalcomSuccess { linked created missing { code } clinician { name timeZone calcomConnection { method state calcomUsername } } }
  ... on UserError { message } } }`;
const SET_KEY = `mutation ($input: SetCalcomApiKeyInput!) { result: setCalcomApiKey(input: $input) {
  __typename ... on SetCalcomApiKeySuccess { linked missing { code message } clinician { calcomConnection { method state } } }
  ... on InvalidInput { fields { path message } } ... on UserError { message } } }`;

function walks(clinic: () => ConnectionClinic) {
  const ask = async (as: UserId, query: string, input: Record<string, unknown>) =>
    (
      await clinic()
        .browser()
        .ask<{ result: Record<string, unknown> }>(await clinic().tokenOf(as), query, input)
    ).result;
  return {
    sync: (as: UserId, whom: UserId) => ask(as, SYNC, { userId: clinicianGid(whom) }),
    setKey: (as: UserId, whom: UserId, apiKey: string) => ask(as, SET_KEY, { clinicianId: clinicianGid(whom), apiKey }),
  };
}

describe('without a platform client', () => {
  let clinic: ConnectionClinic;
  const { sync, setKey } = walks(() => clinic);

  beforeAll(async () => {
    clinic = await createConnectionClinic();
  });
  afterAll(() => clinic.close());

  test('nobody is made up: what is missing is said', async () => {
    expect(await sync(ADMIN, FEMKE)).toMatchObject({
      linked: false,
      created: false,
      missing: [{ code: 'CREDENTIAL' }],
      clinician: { calcomConnection: { method: 'NONE', state: 'NOT_CONNECTED' } },
    });
    expect(clinic.sandbox.control.grants()).toEqual([]);
  });

  test('a key is tried, kept and used: id, username and time zone come from Cal.com', async () => {
    expect(await setKey(ANNA, ANNA, ANNAS_KEY)).toMatchObject({
      linked: true,
      missing: [{ code: 'WEBHOOK' }],
      clinician: { calcomConnection: { method: 'API_KEY', state: 'USABLE' } },
    });
    expect(await sync(ANNA, ANNA)).toMatchObject({
      linked: true,
      created: false,
      missing: [{ code: 'WEBHOOK' }],
      clinician: { timeZone: 'Europe/Amsterdam', calcomConnection: { calcomUsername: 'anna-de-vries' } },
    });
    expect(await clinic.core.credentials.of(ANNA)).toMatchObject({ calcomUserId: 1, bearer: ANNAS_KEY });
  });

  test('a key that Cal.com does not take, or that is somebody else, is not kept', async () => {
    expect(await setKey(SAMIR, SAMIR, 'cal_of_nobody')).toMatchObject({
      __typename: 'InvalidInput',
      fields: [{ path: 'apiKey', message: 'Cal.com does not accept this key.' }],
    });
    expect(await setKey(SAMIR, SAMIR, ANNAS_KEY)).toMatchObject({
      fields: [{ message: expect.stringContaining('another clinician here') as string }],
    });
    expect(await setKey(ANNA, ANNA, SAMIRS_KEY)).toMatchObject({
      fields: [{ message: expect.stringContaining('another Cal.com user') as string }],
    });
    expect(await clinic.core.credentials.of(SAMIR)).toBeNull();
    expect(await clinic.core.credentials.of(ANNA)).toMatchObject({ bearer: ANNAS_KEY });
  });

  test('of a key and a grant the last one counts', async () => {
    expect(await clinic.connect(ANNA, 'anna-de-vries')).toBe('connected');
    expect((await clinic.core.credentials.of(ANNA))?.bearer).toMatch(/^eyJ/);
    await setKey(ADMIN, ANNA, ANNAS_KEY);
    expect(await clinic.core.credentials.of(ANNA)).toMatchObject({ bearer: ANNAS_KEY });
    const { rows } = await clinic.pool.query(`SELECT "calcomAccessToken", "calcomTokenKind" FROM "User" WHERE "id" = $1`, [ANNA]);
    expect(rows).toEqual([{ calcomAccessToken: null, calcomTokenKind: null }]);
  });

  test('a grant that has ended is looked at again, and asked for', async () => {
    expect(await clinic.connect(SAMIR, 'samir-haddad')).toBe('connected');
    clinic.sandbox.control.revokeGrants({ hostUsername: 'samir-haddad' });
    expect(await sync(SAMIR, SAMIR)).toMatchObject({ linked: false, missing: [{ code: 'RECONNECT' }] });
    expect(await sync(SAMIR, SAMIR)).toMatchObject({
      missing: [{ code: 'RECONNECT' }],
      clinician: { calcomConnection: { state: 'RECONNECT' } },
    });
  });

  test('a grant that reads no bookings says so', async () => {
    expect(await clinic.connect(FEMKE, 'femke-jansen', { scope: 'profile' })).toBe('linked-only');
    expect(await sync(ADMIN, FEMKE)).toMatchObject({
      linked: true,
      missing: [{ code: 'BOOKINGS_NOT_READABLE' }, { code: 'WEBHOOK' }],
      clinician: { calcomConnection: { state: 'LINKED_ONLY' } },
    });
  });

  test('a Cal.com that goes away half-way: who the clinician is there is not recorded for a key that is not kept', async () => {
    await clinic.pool.query(`UPDATE "User" SET "calcomUserId" = NULL, "calcomUsername" = NULL, "calcomEmail" = NULL WHERE "id" = $1`, [
      FEMKE,
    ]);
    const client = { ...clinic.core.client, listBookings: () => Promise.resolve(fail(calcomFailure('Unreachable', 'Gone.'))) };
    const credential = { ownerId: FEMKE, bearer: 'cal_sandbox_femke_000000000000000' };
    expect(await examineConnection({ pool: clinic.pool, client }, FEMKE, credential)).toMatchObject({
      ok: false,
      failure: { message: 'Gone.' },
    });
    const { rows } = await clinic.pool.query(`SELECT "calcomUserId" FROM "User" WHERE "id" = $1`, [FEMKE]);
    expect(rows).toEqual([{ calcomUserId: null }]);
  });

  test('a Cal.com that is away changes nothing', async () => {
    clinic.sandbox.control.setFaults({ api: { down: true } });
    expect(await sync(ANNA, ANNA)).toMatchObject({ __typename: 'CalcomUnavailable' });
    expect(await setKey(ANNA, ANNA, ANNAS_KEY)).toMatchObject({ __typename: 'CalcomUnavailable' });
    await clinic.sandbox.control.clearFaults();
  });

  test('patients, the front desk and other clinicians may not; unknown people are not found', async () => {
    for (const as of [MIA, DESK, SAMIR]) {
      expect(await sync(as, ANNA)).toMatchObject({ __typename: 'NotAllowed' });
      expect(await setKey(as, ANNA, ANNAS_KEY)).toMatchObject({ __typename: 'NotAllowed' });
    }
    expect(await sync(ADMIN, MIA)).toMatchObject({ __typename: 'NotFound' });
    expect(await setKey(ADMIN, DESK, ANNAS_KEY)).toMatchObject({ __typename: 'NotFound' });
  });

  test('every act is audited, no key is logged', async () => {
    const { rows } = await clinic.pool.query<{ action: string }>(
      `SELECT DISTINCT "action" FROM "AuditEvent" WHERE "action" LIKE 'calcom.%' ORDER BY 1`,
    );
    expect(rows.map(({ action }) => action)).toEqual(['calcom.api-key', 'calcom.connect', 'calcom.sync']);
    for (const secret of [ANNAS_KEY, SAMIRS_KEY, 'cal_of_nobody', 'eyJ']) expect(clinic.logged.join('\n')).not.toContain(secret);
  });
});

describe('with a platform client', () => {
  let clinic: ConnectionClinic;
  const { sync } = walks(() => clinic);

  beforeAll(async () => {
    clinic = await createConnectionClinic({
      env: { CALCOM_PLATFORM_CLIENT_ID: 'sandbox-platform-client', CALCOM_PLATFORM_CLIENT_SECRET: 'sandbox-platform-secret' },
    });
  });
  afterAll(() => clinic.close());

  const grants = () => clinic.sandbox.control.grants();

  test('a clinician without a credential gets a Cal.com user, once', async () => {
    expect(await sync(ADMIN, FEMKE)).toMatchObject({
      linked: true,
      created: true,
      missing: [{ code: 'EVENT_TYPES' }, { code: 'WEBHOOK' }],
      clinician: { calcomConnection: { method: 'MANAGED', state: 'USABLE', calcomUsername: 'femke-jansen-sandbox-platform-client' } },
    });
    expect(await sync(ADMIN, FEMKE)).toMatchObject({ linked: true, created: false });
    expect(grants()).toHaveLength(1);
  });

  test('its tokens rotate, and a pair that was lost is replaced by force', async () => {
    const credential = await clinic.core.credentials.of(FEMKE);
    if (credential === null) throw new Error('Not connected.');
    clinic.sandbox.control.expireTokens();
    expect((await clinic.core.client.me(credential)).ok).toBe(true);
    expect(grants()).toMatchObject([{ kind: 'managed', refreshes: 1 }]);
    await clinic.pool.query(`UPDATE "User" SET "calcomRefreshToken" = $2 WHERE "id" = $1`, [
      FEMKE,
      clinic.encryption.encrypt('lost', 'calcom-token'),
    ]);
    clinic.sandbox.control.expireTokens();
    expect((await clinic.core.client.me(credential)).ok).toBe(true);
    expect(grants()).toMatchObject([{ kind: 'managed', refreshes: 0 }]);
  });

  test('a user that an interrupted attempt has left behind is taken over', async () => {
    await clinic.pool.query(
      `UPDATE "User" SET "calcomUserId" = NULL, "calcomUsername" = NULL, "calcomAccessToken" = NULL, "calcomRefreshToken" = NULL, "calcomTokenKind" = NULL, "calcomTokenState" = NULL WHERE "id" = $1`,
      [FEMKE],
    );
    expect(await sync(ADMIN, FEMKE)).toMatchObject({ linked: true, created: true });
    expect(grants()).toHaveLength(1);
  });

  test('who has a key of their own gets no second user', async () => {
    await clinic.pool.query(`UPDATE "User" SET "calcomApiKey" = $2 WHERE "id" = $1`, [
      ANNA,
      clinic.encryption.encrypt(ANNAS_KEY, 'calcom-api-key'),
    ]);
    expect(await sync(ANNA, ANNA)).toMatchObject({ created: false, linked: true });
    expect(grants()).toHaveLength(1);
    expect(clinic.logged.join('\n')).not.toContain('sandbox-platform-secret');
  });
});
