/** `cli doctor` against a sandbox that is as it should be, and against one for each way in which it is not. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { doctorText, examine } from '../../server/cli/doctor.ts';
import { registerWebhooks } from '../../server/cli/register-webhooks.ts';
import { forgetInstance } from '../../server/instance/instance-store.ts';
import { createTestDatabase } from '../support/database.ts';
import { ANNA_KEY, createDoctorClinic, type DoctorClinic, ENDPOINT, WEBHOOK_SECRET } from './doctor-clinic.ts';

let clinic: DoctorClinic;
beforeAll(async () => {
  clinic = await createDoctorClinic();
});
afterAll(() => clinic.close());
afterEach(async () => {
  await clinic.sandbox.control.clearFaults();
  clinic.core.credentials.forget();
  await registerWebhooks(clinic.core);
});

test('an instance that is as it should be is all green', async () => {
  const lines = await clinic.doctor();
  expect(lines.filter(({ problem }) => problem !== null)).toEqual([]);
  expect(
    doctorText(lines)
      .split('\n')
      .every((line) => line.startsWith('✔')),
  ).toBe(true);
  expect(lines.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['PostgreSQL', 'Cal.com', 'Clocks', 'Instance', 'Key of anna-de-vries', 'Webhook of femke-jansen', 'Inbox']),
  );
});

test('a database that may lose what it stored', async () => {
  const loose = await createTestDatabase();
  try {
    const core = { ...clinic.core, services: { ...clinic.core.services, pool: loose.pool } };
    expect((await examine(core)).find(({ what }) => what === 'Durability')).toMatchObject({
      problem: expect.stringMatching(/^PostgreSQL runs with fsync and full_page_writes off: .*Cal\.com does not send them again/),
      mend: 'Set fsync = on and full_page_writes = on in postgresql.conf and reload it.',
    });
  } finally {
    await loose.drop();
  }
});

test('a Cal.com that does not answer', async () => {
  clinic.sandbox.control.setFaults({ api: { down: true } });
  expect(await clinic.complaints()).toEqual([expect.stringMatching(/^Cal\.com: It does not answer\. → Check CALCOM_API_URL/)]);
});

test('a wrong key: whose, and where to get another', async () => {
  const { pool } = clinic.database;
  const { rows } = await pool.query<{ id: string; calcomApiKey: string }>(
    `SELECT "id", "calcomApiKey" FROM "User" WHERE "calcomUsername" = 'anna-de-vries'`,
  );
  const wrong = clinic.core.encryption.encrypt('cal_wrong_0000000000000000000000', 'calcom-api-key');
  await pool.query(`UPDATE "User" SET "calcomApiKey" = $2 WHERE "id" = $1`, [rows[0]?.id, wrong]);
  const complaints = await clinic.complaints();
  const registered = await registerWebhooks(clinic.core);
  await pool.query(`UPDATE "User" SET "calcomApiKey" = $2 WHERE "id" = $1`, [rows[0]?.id, rows[0]?.calcomApiKey]);
  expect(registered.filter(({ failed }) => failed)).toHaveLength(1);
  expect(registered).toHaveLength(3);
  expect(complaints).toEqual([expect.stringMatching(/^Key of anna-de-vries: Cal\.com refuses it.*Developer → API keys/)]);
});

test('a Cal.com without a licence refuses every key, and says so once', async () => {
  clinic.sandbox.control.setFaults({ api: { unlicensed: true } });
  const complaints = await clinic.complaints();
  expect(complaints).toEqual([expect.stringMatching(/^Keys: .*no valid licence.*CALCOM_LICENSE_KEY/)]);
});

test('a Cal.com that does not know the versions spoken here', async () => {
  clinic.sandbox.control.setFaults({ api: { oldVersion: true } });
  expect(await clinic.complaints()).toContainEqual(
    expect.stringMatching(/^API v2: This Cal\.com is too old.*slots.*bookings.*Update the Cal\.com images/),
  );
});

test('a Cal.com without reservations is not broken: slots are held by the gateway alone', async () => {
  clinic.sandbox.control.setFaults({ api: { missing: ['reservations'] } });
  const lines = await clinic.doctor();
  expect(lines.filter(({ problem }) => problem !== null)).toEqual([]);
  expect(lines).toContainEqual(
    expect.objectContaining({ what: 'Reservations', note: expect.stringContaining('held by the gateway alone') }),
  );
  expect(clinic.core.instance.features().reservations).toBe(false);
});

test('clocks that differ', async () => {
  await clinic.sandbox.control.clock({ offsetMs: 5 * 60_000 });
  const ahead = await clinic.complaints();
  await clinic.sandbox.control.clock({ offsetMs: -10 * 60_000 });
  const behind = await clinic.complaints();
  await clinic.sandbox.control.clock({ offsetMs: 5 * 60_000 });
  expect(ahead).toEqual([expect.stringMatching(/^Clocks: Cal\.com's is 5 min ahead of ours\. → .*NTP/)]);
  expect(behind).toEqual([expect.stringMatching(/^Clocks: Cal\.com's is 5 min behind ours\./)]);
});

describe('the webhook of a clinician', () => {
  const mended = async () => {
    await registerWebhooks(clinic.core);
    return clinic.complaints();
  };
  const own = async () => {
    const answer = await clinic.api('GET', '/v2/webhooks');
    return (answer.body as { data: { id: string; subscriberUrl: string; triggers: string[] }[] }).data;
  };
  const id = async () => (await own())[0]?.id ?? '';

  test('was deleted', async () => {
    await clinic.api('DELETE', `/v2/webhooks/${await id()}`);
    expect(await clinic.complaints()).toEqual([expect.stringMatching(/^Webhook of anna-de-vries: None is registered.*webhooks register/)]);
    expect(await mended()).toEqual([]);
    expect(await own()).toMatchObject([{ subscriberUrl: ENDPOINT }]);
  });

  test('is switched off, asks for too little, or has another secret', async () => {
    await clinic.api('PATCH', `/v2/webhooks/${await id()}`, { active: false, triggers: ['BOOKING_CREATED'], secret: 'another' });
    const [complaint] = await clinic.complaints();
    expect(complaint).toMatch(/switched off.*does not ask for every trigger.*another secret than WEBHOOK_SECRET/);
    expect(await mended()).toEqual([]);
    expect(await own()).toHaveLength(1);
  });

  test('has a custom payload', async () => {
    await clinic.api('PATCH', `/v2/webhooks/${await id()}`, { payloadTemplate: '{"x":"{{title}}"}' });
    expect(await clinic.complaints()).toEqual([expect.stringContaining('custom payload')]);
    expect(await mended()).toEqual([]);
  });

  test('is there twice, and on an event type besides: one stays', async () => {
    const { rows } = await clinic.database.pool.query<{ id: number }>(
      `SELECT e."id" FROM "CalcomEventType" e JOIN "User" u ON u."id" = e."clinicianId" WHERE u."calcomUsername" = 'anna-de-vries' ORDER BY 1 LIMIT 1`,
    );
    const webhook = { triggers: ['BOOKING_CREATED'], secret: WEBHOOK_SECRET, active: true };
    await clinic.api('POST', '/v2/webhooks', { ...webhook, subscriberUrl: `${ENDPOINT}/` });
    await clinic.api('POST', `/v2/event-types/${rows[0]?.id}/webhooks`, { ...webhook, subscriberUrl: ENDPOINT });
    const [complaint] = await clinic.complaints();
    expect(complaint).toMatch(/registered more than once.*An event type has one of its own/);
    expect(await registerWebhooks(clinic.core)).toContainEqual({ text: 'anna-de-vries: was right, 2 superfluous removed', failed: false });
    expect(await clinic.complaints()).toEqual([]);
    expect(await own()).toHaveLength(1);
  });

  test('those of others are left alone, and one of ours under an address of before is moved', async () => {
    await clinic.api('POST', '/v2/webhooks', { subscriberUrl: 'https://crm.example/hook', triggers: ['BOOKING_CREATED'], active: true });
    const moved = await clinic.openCore(clinic.url, { WEBHOOK_ENDPOINT: 'https://new.clinic.example/api/calcom/webhooks' });
    const before = await id();
    expect(await registerWebhooks(moved)).toContainEqual({ text: 'anna-de-vries: repaired', failed: false });
    const after = await own();
    expect(after.map(({ subscriberUrl }) => subscriberUrl).toSorted()).toEqual([
      'https://crm.example/hook',
      'https://new.clinic.example/api/calcom/webhooks',
    ]);
    expect(after.map((webhook) => webhook.id)).toContain(before);
    expect(await mended()).toEqual([]);
  });

  test('two who register at once leave one', async () => {
    await clinic.api('DELETE', '/v2/webhooks');
    await Promise.all([registerWebhooks(clinic.core), registerWebhooks(clinic.core)]);
    expect(await own()).toHaveLength(1);
    expect(await clinic.complaints()).toEqual([]);
  });

  test('nobody can tell while WEBHOOK_ENDPOINT is not set', async () => {
    const core = await clinic.openCore(clinic.url, { WEBHOOK_ENDPOINT: '' });
    expect(await clinic.complaints(core)).toEqual([expect.stringMatching(/^Webhooks: WEBHOOK_ENDPOINT is not set/)]);
    await expect(registerWebhooks(core)).rejects.toThrow('WEBHOOK_ENDPOINT is not set');
  });

  test('is silent although the sweep found changes', async () => {
    const { pool } = clinic.database;
    const { rows } = await pool.query<{ id: string }>(`SELECT "id" FROM "User" WHERE "calcomUsername" = 'samir-haddad'`);
    await pool.query(
      `INSERT INTO "JobCheckpoint" ("name","value") VALUES ($1, jsonb_build_object('at', now()::text, 'found', 3, 'untold', 3))`,
      [`sweep-note:${rows[0]?.id}`],
    );
    const complaints = await clinic.complaints();
    expect(await clinic.core.instance.problems()).toEqual([expect.stringMatching(/^Webhook: It is silent.*\(one clinician\)/)]);
    await pool.query(`DELETE FROM "JobCheckpoint" WHERE "name" LIKE 'sweep-note:%'`);
    expect(complaints).toEqual([expect.stringMatching(/^Webhook of samir-haddad: It is silent.*WEBHOOK_ENDPOINT reached/)]);
  });
});

test('meetings end and no MEETING_* comes: the cron is missing', async () => {
  const { pool } = clinic.database;
  const now = clinic.clock.now().getTime();
  for (const hours of [2, 3, 4]) {
    const start = new Date(now - hours * 3_600_000);
    await pool.query(
      `INSERT INTO "Appointment" ("id","calcomBookingUid","startsAt","endsAt","timeZone","status","consultationType","title","createdAt")
       VALUES (gen_random_uuid(), $1, $2, $2::timestamptz + interval '30 minutes', 'UTC', 'CONFIRMED', 'VIDEO', 'Visit', $2::timestamptz - interval '1 day')`,
      [`meeting-${hours}`, start],
    );
  }
  const silent = await clinic.complaints();
  await pool.query(`UPDATE "Appointment" SET "meetingEndedAt" = "endsAt" WHERE "calcomBookingUid" = 'meeting-2'`);
  const heard = await clinic.complaints();
  await pool.query(`DELETE FROM "Appointment" WHERE "calcomBookingUid" LIKE 'meeting-%'`);
  expect(silent).toEqual([expect.stringMatching(/^Meeting cron: Meetings ended, but no MEETING_STARTED.*\/api\/cron\/webhookTriggers/)]);
  expect(heard).toEqual([]);
});

describe('another Cal.com behind the same database', () => {
  test('by its address: it is not looked at', async () => {
    const { sandbox, url } = await clinic.openSandbox();
    const complaints = await clinic.complaints(await clinic.openCore(url));
    expect(complaints).toEqual([expect.stringMatching(/^Made for: This database is about http.*adopt-instance/)]);
    await sandbox.close();
  });

  test('under the same address, whose keys belong to other people: nothing is copied from it, until it is adopted', async () => {
    await clinic.doctor();
    const { sandbox, url } = await clinic.openSandbox({ another: true });
    const { pool } = clinic.database;
    await pool.query(`UPDATE "GatewayInstance" SET "madeFor" = $1`, [url]);
    const core = await clinic.openCore(url);
    const complaints = await clinic.complaints(core);
    expect(complaints).toContainEqual(expect.stringMatching(/^Instance: The keys belong to other people.*adopt-instance/));
    expect(await core.instance.isAnother()).toBe(true);
    expect(await core.mirror()).toMatchObject({ clinicians: 0, deleted: 0, failed: [] });
    sandbox.control.setFaults({ api: { down: true } });
    await clinic.doctor(core);
    expect(await core.instance.isAnother()).toBe(true);
    await sandbox.control.clearFaults();

    await forgetInstance(pool, clinic.clock.now());
    expect(await clinic.complaints(core)).toEqual([]);
    await sandbox.close();
    await pool.query(`UPDATE "GatewayInstance" SET "madeFor" = $1`, [clinic.url]);
    await forgetInstance(pool, clinic.clock.now());
  });

  test('with the same people, but without any of the bookings known here', async () => {
    const { pool } = clinic.database;
    const [appointment] = (
      await pool.query<{ id: string }>(
        `INSERT INTO "Appointment" ("id","calcomBookingUid","startsAt","endsAt","timeZone","status","consultationType","title")
         VALUES (gen_random_uuid(), 'gone-1', now() + interval '1 day', now() + interval '25 hours', 'UTC', 'CONFIRMED', 'VIDEO', 'Visit') RETURNING "id"`,
      )
    ).rows;
    for (const uid of ['gone-1', 'gone-2']) {
      await pool.query(
        `INSERT INTO "AppointmentBooking" ("bookingUid","appointmentId","bookingId","facts","createdAt") VALUES ($1, $2, 7, '{}', now() + interval '1 hour')`,
        [uid, appointment?.id],
      );
    }
    const complaints = await clinic.complaints();
    await pool.query(`DELETE FROM "AppointmentBooking"`);
    await pool.query(`DELETE FROM "Appointment"`);
    expect(complaints).toEqual([expect.stringMatching(/^Instance: None of the bookings known here exist there/)]);
    expect(await clinic.complaints()).toEqual([]);
  });
});

describe('at the shell', () => {
  async function cli(...args: string[]): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, ['server/cli.ts', ...args], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...clinic.environment(clinic.url) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { output: await text(child.stdout), code: await ended };
  }

  test('all green ends with 0, something broken with 1', { timeout: 120_000 }, async () => {
    await clinic.sandbox.control.clock({ now: new Date().toISOString() });
    expect(await cli('doctor')).toMatchObject({ code: 0, output: expect.not.stringContaining('✘') });
    await clinic.api('DELETE', '/v2/webhooks');
    const broken = await cli('doctor');
    expect(broken.code).toBe(1);
    expect(broken.output).toMatch(/✘ Webhook of anna-de-vries +None is registered[^\n]*\n +→ `npm run cli -- webhooks register`/);
    expect(broken.output).not.toContain(ANNA_KEY);
  });

  test('`webhooks register` says what it did', { timeout: 120_000 }, async () => {
    await clinic.api('DELETE', '/v2/webhooks');
    expect(await cli('webhooks', 'register')).toMatchObject({ code: 0, output: expect.stringContaining('anna-de-vries: registered') });
  });
});
