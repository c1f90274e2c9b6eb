import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { deployMigrations, migrationProblems, pendingSql } from './migrations.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('prisma/migrations lead to prisma/schema.prisma', async () => {
  expect(await pendingSql(database.url)).toBeNull();
});

test('a migrated database has nothing to apply and no problems', async () => {
  expect(await deployMigrations(database.url)).toEqual([]);
  expect(await migrationProblems(database.url)).toEqual([]);
});

test('a migration that was edited after it was applied is named', async () => {
  await database.pool.query(`UPDATE _prisma_migrations SET checksum = 'another'`);
  expect(await migrationProblems(database.url)).toContainEqual(expect.stringMatching(/_init was edited after it was applied\.$/));
});

test('two holds of one clinician cannot overlap, and may touch', async () => {
  const clinician = await database.prisma.user.create({ data: { role: 'CLINICIAN', name: 'Dr. One' } });
  const hold = (startsAt: string, endsAt: string) =>
    database.prisma.slotHold.create({
      data: { eventTypeId: 1, clinicianId: clinician.id, viewerId: clinician.id, startsAt, endsAt, expiresAt: endsAt },
    });
  await hold('2026-03-02T10:00:00Z', '2026-03-02T10:30:00Z');
  await hold('2026-03-02T10:30:00Z', '2026-03-02T11:00:00Z');
  await expect(hold('2026-03-02T10:15:00Z', '2026-03-02T10:45:00Z')).rejects.toThrow('SlotHold_no_overlap');
});

test('a row of the change log carries the transaction that wrote it', async () => {
  const { rows } = await database.pool.query<{ same: boolean }>(
    `INSERT INTO "AppointmentChange" ("appointmentId","version","kind","changedFields","after","cause","bookingUid")
     VALUES (gen_random_uuid(), 1, 'CREATED', '{}', '{}', 'SWEEP', 'uid') RETURNING xid = pg_current_xact_id() AS same`,
  );
  expect(rows).toEqual([{ same: true }]);
});
