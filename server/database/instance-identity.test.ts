import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { adoptInstance, claimInstance, identityOf } from './instance-identity.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('a database made for one Cal.com refuses another until it is adopted', async () => {
  const first = identityOf({ sandbox: false, calcom: { apiUrl: 'https://api.one.example/v2' } });
  expect(first).toBe('https://api.one.example');
  await claimInstance(database.pool, first);
  await claimInstance(database.pool, first);
  await expect(claimInstance(database.pool, 'sandbox')).rejects.toThrow('was made for https://api.one.example');
  await expect(claimInstance(database.pool, 'https://api.two.example')).rejects.toThrow('adopt-instance');
  expect(await adoptInstance(database.pool, 'https://api.two.example')).toBe('https://api.one.example');
  await claimInstance(database.pool, 'https://api.two.example');
});
