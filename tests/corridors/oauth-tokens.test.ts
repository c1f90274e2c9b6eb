/** Tokens end, are renewed once however many ask, and are withdrawn. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CalcomCredential } from '../../server/calcom/calcom-client.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createCalcomTokens } from '../../server/users/calcom-tokens.ts';
import { ANNA, type ConnectionClinic, createConnectionClinic, SAMIR } from '../support/connection-clinic.ts';

/** As Cal.com 5.6 has it, and as newer releases rotate. */
describe.each([
  ['of Cal.com 5.6', false],
  ['that rotate', true],
])('tokens %s', (_which, modern) => {
  let clinic: ConnectionClinic;

  beforeAll(async () => {
    clinic = await createConnectionClinic({ instances: 2, oauth: { modern } });
  });
  afterAll(() => clinic.close());
  beforeEach(async () => {
    expect(await clinic.connect(ANNA, 'anna-de-vries')).toBe('connected');
  });

  const core = (instance: number) => {
    const found = clinic.gateways[instance];
    if (found === undefined) throw new Error('There is no such instance.');
    return found.gateway.core();
  };
  const credentialAt = async (instance: number, id: UserId = ANNA): Promise<CalcomCredential> => {
    core(instance).credentials.forget();
    const credential = await core(instance).credentials.of(id);
    if (credential === null) throw new Error('Not connected.');
    return credential;
  };
  const refreshes = () => clinic.sandbox.control.grants().at(-1)?.refreshes ?? 0;
  const stateOf = async (id: UserId) => (await core(0).services.connections.views([id]))[0];
  const healthOf = async () =>
    (await (await fetch(`${clinic.gateways[0]?.url}/api/calcom/health`)).json()) as { reconnect: number; problems: string[] };

  test('one that ends in the middle of the work is renewed and the call repeated, a write too', async () => {
    const credential = await credentialAt(0);
    const { client } = core(0);
    clinic.sandbox.control.expireTokens();
    expect((await client.listBookings(credential, { take: 1, skip: 0 })).ok).toBe(true);
    clinic.sandbox.control.expireTokens();
    const registered = await client.createWebhook(credential, {
      subscriberUrl: `http://127.0.0.1:9/${modern}`,
      triggers: ['BOOKING_CREATED'],
      secret: 'whsec',
      active: false,
    });
    expect(registered.ok).toBe(true);
    expect(refreshes()).toBe(2);
  });

  test('one that is about to end is renewed before it is used', async () => {
    const credential = await credentialAt(0);
    clinic.clock.advance(29 * 60_000 + 45_000);
    expect((await core(0).client.me(credential)).ok).toBe(true);
    expect(refreshes()).toBe(1);
    expect((await stateOf(ANNA))?.tokenExpiresAt).toEqual(new Date(clinic.clock.now().getTime() + 30 * 60_000));
  });

  test('ten at once on two instances are one renewal', async () => {
    const credentials = [await credentialAt(0), await credentialAt(1)];
    clinic.sandbox.control.expireTokens();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, number) => {
        const credential = credentials[number % 2];
        if (credential === undefined) throw new Error('No credential.');
        return core(number % 2).client.me(credential);
      }),
    );
    expect(answers.map((answer) => answer.ok)).toEqual(Array.from({ length: 10 }, () => true));
    expect(refreshes()).toBe(1);
  });

  test('a lease of an instance that died is taken over when it has run out', async () => {
    const credential = await credentialAt(0);
    clinic.sandbox.control.expireTokens();
    await clinic.pool.query(
      `UPDATE "User" SET "calcomRenewalLease" = gen_random_uuid(), "calcomRenewalUntil" = clock_timestamp() + interval '300 milliseconds' WHERE "id" = $1`,
      [ANNA],
    );
    expect((await core(0).client.me(credential)).ok).toBe(true);
    expect(refreshes()).toBe(1);
  });

  test('while Cal.com cannot renew it, calls fail for now and the clinician stays connected', async () => {
    const credential = await credentialAt(0);
    clinic.sandbox.control.expireTokens();
    clinic.sandbox.control.setFaults({ api: { down: true } });
    const answer = await core(0).client.me(credential);
    await clinic.sandbox.control.clearFaults();
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'Unreachable' } });
    expect(await stateOf(ANNA)).toMatchObject({ state: 'USABLE' });
  });

  test('a grant that was withdrawn asks the clinician to connect again: on their record, in health as a number', async () => {
    const credential = await credentialAt(0);
    clinic.sandbox.control.revokeGrants({ hostUsername: 'anna-de-vries' });
    expect(await core(0).client.me(credential)).toMatchObject({ ok: false, failure: { kind: 'Unauthorized' } });
    expect(await stateOf(ANNA)).toMatchObject({ state: 'RECONNECT', method: 'OAUTH', calcomUsername: 'anna-de-vries' });
    core(0).credentials.forget();
    core(1).credentials.forget();
    expect(await core(0).credentials.of(ANNA)).toBeNull();
    expect(await core(1).credentials.of(ANNA)).toBeNull();
    clinic.clock.advance(1000);
    const health = await healthOf();
    expect(health).toMatchObject({ reconnect: 1 });
    expect(health.problems).toContain('One clinician has to connect to Cal.com again.');
    expect(JSON.stringify(health)).not.toContain('Anna');
    expect(await clinic.connect(ANNA, 'anna-de-vries')).toBe('connected');
    clinic.clock.advance(1000);
    expect(await healthOf()).toMatchObject({ reconnect: 0 });
  });

  test('a token that is refused after its renewal ends that connection, and none that was made since at another instance', async () => {
    const tokens = createCalcomTokens({
      pool: clinic.pool,
      encryption: clinic.encryption,
      oauth: null,
      managed: null,
      clock: clinic.clock,
      log: silentLog,
    });
    const refused = (await credentialAt(0)).bearer;
    const held = tokens.of(ANNA, { bearer: refused, expiresAt: null });
    expect(await clinic.connect(ANNA, 'anna-de-vries')).toBe('connected');
    await held.giveUp(refused);
    expect(await stateOf(ANNA)).toMatchObject({ state: 'USABLE' });
    const { bearer } = await credentialAt(0);
    await tokens.of(ANNA, { bearer, expiresAt: null }).giveUp(bearer);
    expect(await stateOf(ANNA)).toMatchObject({ state: 'RECONNECT' });
  });

  test('who disconnects during a renewal stays disconnected', async () => {
    const credential = await credentialAt(0);
    clinic.sandbox.control.expireTokens();
    clinic.sandbox.control.setFaults({ api: { delayMs: 150 } });
    const asked = core(0).client.me(credential);
    await leaseTaken();
    await clinic.pool.query(
      `UPDATE "User" SET "calcomAccessToken" = NULL, "calcomRefreshToken" = NULL, "calcomTokenKind" = NULL, "calcomTokenState" = NULL, "calcomRenewalLease" = NULL WHERE "id" = $1`,
      [ANNA],
    );
    expect((await asked).ok).toBe(false);
    await clinic.sandbox.control.clearFaults();
    const { rows } = await clinic.pool.query(`SELECT "calcomAccessToken" FROM "User" WHERE "id" = $1`, [ANNA]);
    expect(rows).toEqual([{ calcomAccessToken: null }]);

    async function leaseTaken(): Promise<void> {
      for (;;) {
        const { rows: found } = await clinic.pool.query(`SELECT 1 FROM "User" WHERE "id" = $1 AND "calcomRenewalLease" IS NOT NULL`, [
          ANNA,
        ]);
        if (found.length > 0) return;
      }
    }
  });

  test('a 403 that repeats the token does not bring it into the log', async () => {
    expect(await clinic.connect(SAMIR, 'samir-haddad')).toBe('connected');
    const credential = await credentialAt(0, SAMIR);
    const echo = await core(0).client.listBookings({ ownerId: SAMIR, bearer: 'opaque-token-that-is-echoed' }, { take: 1, skip: 0 });
    expect(echo.ok).toBe(false);
    expect(await clinic.connect(ANNA, 'anna-de-vries', { scope: 'profile' })).toBe('linked-only');
    const log = clinic.logged.join('\n');
    expect(log).toContain('PermissionsGuard');
    expect(log).toContain('[token]');
    for (const secret of [credential.bearer, 'opaque-token-that-is-echoed', 'eyJ', 'sandbox-oauth-secret'])
      expect(log).not.toContain(secret);
  });
});
