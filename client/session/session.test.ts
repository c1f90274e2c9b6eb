import { expect, test } from 'vitest';
import { createSessionStore, type Session } from './session.ts';

const SECOND = 1_000;

/** Unsigned: the browser reads tokens and trusts none. */
function token(who: string, lifeMs: number, number = 0): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = 1_700_000_000;
  return `${part({ alg: 'HS256' })}.${part({ iss: 'idp', sub: who, iat, exp: iat + lifeMs / SECOND, jti: number })}.signature`;
}

function session(who: string, options: { lifeMs?: number; leftMs: number; number?: number; personaId?: string }): Session {
  const life = options.lifeMs ?? 3_600_000;
  return {
    token: token(who, life, options.number),
    expiresAt: new Date(Date.now() + options.leftMs).toISOString(),
    personaId: options.personaId ?? null,
  };
}

test('a token that is about to end is replaced once, whoever asks, and nobody hears of it', async () => {
  const next = session('mia', { leftMs: 3_600_000, number: 2 });
  let asked = 0;
  const store = createSessionStore(null, () => {
    asked += 1;
    return Promise.resolve(next);
  });
  store.save(session('mia', { leftMs: 30_000 }));
  let heard = 0;
  store.subscribe(() => (heard += 1));
  expect(await Promise.all([store.freshToken(), store.freshToken()])).toEqual([next.token, next.token]);
  expect([asked, heard]).toEqual([1, 0]);
  expect(await store.freshToken()).toBe(next.token);
  expect(asked).toBe(1);
});

test('one that is not, is not; of a short life the last fifth is the end', () => {
  const store = createSessionStore(null, () => Promise.resolve(null));
  const short = session('mia', { lifeMs: 20 * SECOND, leftMs: 20 * SECOND });
  store.save(short);
  expect(store.renewsAt()).toBe(Date.parse(short.expiresAt ?? '') - 4 * SECOND);
  const long = session('mia', { leftMs: 3_600_000 });
  store.save(long);
  expect(store.renewsAt()).toBe(Date.parse(long.expiresAt ?? '') - 60 * SECOND);
});

test('without a new token the old one is used for as long as it is accepted', async () => {
  const old = session('mia', { leftMs: 10_000 });
  const store = createSessionStore(null, () => Promise.resolve(null));
  store.save(old);
  expect(await store.freshToken()).toBe(old.token);
  await store.refused(old.token);
  expect(store.read()).toBe(null);
});

test('a refusal of a token that was replaced meanwhile signs nobody out', async () => {
  const next = session('mia', { leftMs: 3_600_000, number: 2 });
  const store = createSessionStore(null, () => Promise.resolve(next));
  const old = session('mia', { leftMs: 30_000 });
  store.save(old);
  await store.freshToken();
  await store.refused(old.token);
  expect(store.read()).toEqual(next);
});

test('when somebody else has signed in at the provider, this tab becomes that person and says so', async () => {
  const noah = session('noah', { leftMs: 3_600_000 });
  const store = createSessionStore(null, () => Promise.resolve(noah));
  store.save(session('mia', { leftMs: 30_000 }));
  let heard = 0;
  store.subscribe(() => (heard += 1));
  expect(await store.freshToken()).toBe(noah.token);
  expect(heard).toBe(1);
});

test('who signs out while a token is being fetched stays signed out', async () => {
  const fetched = Promise.withResolvers<Session | null>();
  const store = createSessionStore(null, () => fetched.promise);
  store.save(session('mia', { leftMs: 30_000 }));
  const asking = store.freshToken();
  store.forget();
  fetched.resolve(session('mia', { leftMs: 3_600_000, number: 2 }));
  expect(await asking).toBe(null);
  expect(store.read()).toBe(null);
});
