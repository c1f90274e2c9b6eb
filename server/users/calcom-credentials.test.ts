import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANNA, createBookingClinic, FEMKE, SAMIR, type BookingClinic } from '../../tests/support/booking-clinic.ts';
import { createEncryption } from '../database/encryption.ts';
import { silentLog } from '../kernel/log.ts';
import { eventTypeBySlug, eventTypesByIds, eventTypesOf } from '../event-types/event-type-store.ts';
import { mirrorEventTypes } from '../event-types/mirror-event-types.ts';
import { createCredentials } from './calcom-credentials.ts';

let clinic: BookingClinic;

beforeAll(async () => {
  clinic = await createBookingClinic();
});
afterAll(() => clinic.close());

const encryption = createEncryption([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
const credentialsWith = (apiKey: string | null) =>
  createCredentials({
    pool: clinic.pool,
    encryption,
    client: clinic.client,
    log: silentLog,
    config: { calcom: { apiUrl: clinic.calcomUrl, apiKey, webappUrl: null } },
  });

test('every clinician is known to Cal.com by the own key, after the first mirror also by id, name and address', async () => {
  expect(
    (await clinic.credentials.all()).map(({ ownerId, calcomUserId, calcomUsername }) => ({ ownerId, calcomUserId, calcomUsername })),
  ).toEqual([
    { ownerId: ANNA, calcomUserId: 1, calcomUsername: 'anna-de-vries' },
    { ownerId: SAMIR, calcomUserId: 2, calcomUsername: 'samir-haddad' },
  ]);
  expect((await clinic.credentials.of(ANNA))?.calcomEmail).toBe('anna.devries@lindengracht.example');
  expect((await clinic.credentials.forHost(2))?.ownerId).toBe(SAMIR);
  expect(await clinic.credentials.of(FEMKE)).toBeNull();
});

test('the configured key belongs to the one that Cal.com names, who is found by e-mail the first time', async () => {
  const credentials = credentialsWith('cal_sandbox_femke_000000000000000');
  expect(await credentials.of(FEMKE)).toMatchObject({ ownerId: FEMKE, calcomUserId: 3, bearer: 'cal_sandbox_femke_000000000000000' });
  expect(await credentials.of(ANNA)).toMatchObject({ bearer: 'cal_sandbox_anna_0000000000000000' });
});

test("a clinician's own key goes before the configured one, and an unknown one belongs to nobody", async () => {
  const credentials = credentialsWith('cal_sandbox_anna_0000000000000000');
  expect((await credentials.all()).filter((credential) => credential.ownerId === ANNA)).toHaveLength(1);
  expect((await credentialsWith('cal_nobody').all()).map((credential) => credential.ownerId)).toEqual([ANNA, SAMIR]);
});

test('a key that cannot be decrypted is left out and takes nobody else with it', async () => {
  await clinic.pool.query(`UPDATE "User" SET "calcomApiKey" = 'k9:AAAA' WHERE "id" = $1`, [FEMKE]);
  expect((await credentialsWith(null).all()).map((credential) => credential.ownerId)).toEqual([ANNA, SAMIR]);
  await clinic.pool.query(`UPDATE "User" SET "calcomApiKey" = NULL WHERE "id" = $1`, [FEMKE]);
});

test('the mirror copies what each clinician offers', async () => {
  expect(clinic.mirrored).toMatchObject({ clinicians: 2, failed: [] });
  const annas = await eventTypesOf(clinic.pool, ANNA, false);
  expect(annas.map((eventType) => eventType.slug)).toContain('video-consult');
  expect(await eventTypeBySlug(clinic.pool, ANNA, 'first-visit')).toMatchObject({
    requiresConfirmation: true,
    consultationTypes: ['IN_PERSON'],
    durationMinutes: 45,
  });
  expect(await eventTypeBySlug(clinic.pool, ANNA, 'phone-consult')).toMatchObject({ consultationTypes: ['AUDIO'] });
  expect(await eventTypeBySlug(clinic.pool, ANNA, 'flexible')).toMatchObject({
    durationOptions: [15, 30, 60],
    consultationTypes: ['VIDEO'],
  });
  expect(await eventTypeBySlug(clinic.pool, SAMIR, 'diabetes-class')).toMatchObject({ seats: 8 });
});

test('what is gone upstream is marked deleted, and comes back when it is offered again', async () => {
  const id = clinic.eventType(ANNA, 'video-consult');
  await clinic.pool.query(
    `INSERT INTO "CalcomEventType" ("id","clinicianId","slug","title","durationMinutes","durationOptions","consultationTypes","locations","bookingFields")
     VALUES (999, $1, 'old', 'Old', 30, '{}', '{}', '[]', '[]')`,
    [ANNA],
  );
  await clinic.pool.query(`UPDATE "CalcomEventType" SET "deletedAt" = now() WHERE "id" = $1`, [id]);
  const again = await mirrorEventTypes({ pool: clinic.pool, client: clinic.client, credentials: clinic.credentials, log: silentLog });
  expect(again.deleted).toBe(1);
  const [video, old] = await eventTypesByIds(clinic.pool, [id, 999 as typeof id]);
  expect(video?.slug).toBe('video-consult');
  expect(old).toBeNull();
});

test('while Cal.com is away the copy stays as it is', async () => {
  clinic.sandbox.control.setFaults({ api: { down: true } });
  const away = await mirrorEventTypes({ pool: clinic.pool, client: clinic.client, credentials: clinic.credentials, log: silentLog });
  await clinic.sandbox.control.clearFaults();
  expect(away).toMatchObject({ clinicians: 0, deleted: 0, failed: [ANNA, SAMIR] });
  expect((await eventTypesOf(clinic.pool, ANNA, true)).length).toBeGreaterThan(3);
});
