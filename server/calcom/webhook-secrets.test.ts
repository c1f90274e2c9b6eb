import { expect, test } from 'vitest';
import { removeSecrets } from './webhook-secrets.ts';

function stored(body: string): string {
  const json: unknown = JSON.parse(body);
  removeSecrets(json);
  return JSON.stringify(json);
}

test('what opens a door is gone at any depth, in lists too, and everything else stays in its order', () => {
  const body = {
    uid: 'u',
    oneTimePassword: 'door',
    videoCallData: { type: 'daily', password: 'door', inner: [{ password: 'door', url: 'kept' }] },
    downloadLinks: { recording: 'door' },
    list: [{ downloadLink: 'door' }, { connectAndJoinUrl: 'door' }, ['kept', { secret: 'door' }]],
    nothing: null,
  };
  expect(stored(JSON.stringify(body))).toBe(
    '{"uid":"u","videoCallData":{"type":"daily","inner":[{"url":"kept"}]},"list":[{},{},["kept",{}]],"nothing":null}',
  );
});

test('a key that is written with escapes is the same key', () => {
  expect(stored(String.raw`{"one\u0054imePassword":"door","video\u0043allData":{"p\u0061ssword":"door"}}`)).toBe('{"videoCallData":{}}');
});

test('a key that comes twice hides nothing behind the second', () => {
  expect(stored('{"videoCallData":{"password":"door"},"videoCallData":{"url":"x"}}')).toBe('{"videoCallData":{"url":"x"}}');
});

test('a word that a person wrote, or an answer named password, is no secret of Cal.com', () => {
  const body = '{"title":"secret","responses":{"password":{"value":"swordfish"}}}';
  expect(stored(body)).toBe(body);
});

test('a name that objects have by themselves is a name like any other', () => {
  expect(stored('{"__proto__":{"secret":"door","kept":1},"constructor":{"secret":"door"}}')).toBe(
    '{"__proto__":{"kept":1},"constructor":{}}',
  );
});

test('nothing is kept below 32 levels, and a body of a hundred thousand does no harm', () => {
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}{"secret":"door"}${'}'.repeat(levels)}`;
  expect(stored(nested(32))).toBe(`${'{"a":'.repeat(32)}{}${'}'.repeat(32)}`);
  expect(stored(nested(40))).toBe(`${'{"a":'.repeat(32)}{"a":null}${'}'.repeat(32)}`);
  expect(stored(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBe(`${'['.repeat(33)}null${']'.repeat(33)}`);
});

test.each(['null', 'false', '7', '"text"', '[]', '{}'])('%s is left as it is', (body) => expect(stored(body)).toBe(body));
