/** Frames as a real client reads them, over a real socket. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { BACKLOG_BYTES, bytesOf, createOutbox, type Outbox } from './outbox.ts';

let server: WebSocketServer;
let http: ReturnType<typeof createServer>;
let client: WebSocket;
let connection: Socket;
let socket: WebSocket;
let outbox: Outbox;

beforeEach(async () => {
  http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const connected = once(server, 'connection');
  client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const [at, request] = (await connected) as [WebSocket, { socket: Socket }];
  socket = at;
  connection = request.socket;
  outbox = createOutbox(socket, connection);
  if (client.readyState !== client.OPEN) await once(client, 'open');
});
afterEach(() => {
  client.terminate();
  server.close();
  http.close();
});

function read(count: number): Promise<string[]> {
  const texts: string[] = [];
  return new Promise((resolve) => {
    client.on('message', (data: Buffer) => {
      texts.push(data.toString());
      if (texts.length === count) resolve(texts);
    });
  });
}

describe('messages of one tick', () => {
  test('of every length that a frame says in another way arrive whole and in order', async () => {
    const lengths = [0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 200_000];
    const received = read(lengths.length);
    const texts = lengths.map((length) => (length > 2 ? `ä${'x'.repeat(length - 2)}` : 'x'.repeat(length)));
    for (const text of texts) outbox.add(bytesOf(text.slice(0, 1)), bytesOf(text.slice(1)));
    expect(await received).toEqual(texts);
    expect(texts.map((text) => Buffer.byteLength(text))).toEqual(lengths);
  });

  test('arrive in any script', async () => {
    const received = read(1);
    outbox.add(bytesOf('👩‍⚕️ Dr. '), bytesOf('Ångström, 田中, عيادة'));
    expect(await received).toEqual(['👩‍⚕️ Dr. Ångström, 田中, عيادة']);
  });

  test('leave in one write', async () => {
    let writes = 0;
    const write = connection.write.bind(connection);
    connection.write = (chunk: Buffer | string, encoding?: unknown) => {
      writes += 1;
      return write(chunk, encoding as BufferEncoding);
    };
    const received = read(10);
    for (let n = 0; n < 10; n += 1) outbox.add('change ', String(n));
    expect(await received).toEqual(Array.from({ length: 10 }, (_, n) => `change ${n}`));
    expect(writes).toBe(1);
  });

  test('come before what is sent by another way after a flush', async () => {
    const received = read(2);
    outbox.add('first', '');
    outbox.flush();
    socket.send('second');
    expect(await received).toEqual(['first', 'second']);
  });

  test('are dropped when the socket is closing: nothing may follow its last frame', async () => {
    const texts: string[] = [];
    client.on('message', (data: Buffer) => texts.push(data.toString()));
    outbox.add('late', '');
    socket.close(1012);
    outbox.flush();
    outbox.add('later', '');
    const [code] = (await once(client, 'close')) as [number];
    expect([code, texts]).toEqual([1012, []]);
  });
});

test('a reader who stops reading fills it up, and it says when there is room again', async () => {
  client.pause();
  const block = 'x'.repeat(64 * 1024);
  let added = 0;
  while (!outbox.full()) {
    outbox.add('[', block);
    outbox.flush();
    added += 1;
    // What the kernel takes does not count.
    if (connection.writableLength === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(connection.writableLength).toBeGreaterThanOrEqual(BACKLOG_BYTES - block.length);
  let resumed = 0;
  const room = new Promise<void>((resolve) => {
    const resume = () => {
      resumed += 1;
      resolve();
    };
    outbox.whenDrained(resume);
    outbox.whenDrained(resume);
  });
  const all = read(added);
  client.resume();
  await room;
  expect(outbox.full()).toBe(false);
  expect(await all).toHaveLength(added);
  expect(resumed).toBe(1);
});
