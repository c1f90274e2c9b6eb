/**
 * What one connection is about to be sent: WebSocket text frames put together from a part of the subscriber's own and a part
 * that many share. All frames of one tick leave in one write, because a system call costs more than everything else
 * that a delivery needs.
 */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

export interface Outbox {
  /** One text frame of `head` and `body`, in UTF-8. Dropped when the socket is no longer open. */
  add(head: Buffer, body: Buffer): void;
  /** Too much waits here and in the connection: add no more, ask `whenDrained`. */
  full(): boolean;
  /** Calls once, when the connection has taken what waited; again and again for the same function counts once. */
  whenDrained(resume: () => void): void;
  /** Sends what was added. Whoever writes to the socket by another way calls it first, or overtakes. */
  flush(): void;
}

/**
 * Bytes that may wait for one connection. What comes meanwhile gathers in the subscribers' bounded queues, which turn into
 * RESYNC when they overflow.
 */
export const BACKLOG_BYTES = 256 * 1024;

const LARGEST_SHORT = 125;
const LARGEST_MEDIUM = 0xffff;
/** FIN and opcode 1 (RFC 6455, 5.2); a server does not mask. */
const FINAL_TEXT = 0x81;

let dirty: Outbox[] = [];

export function createOutbox(socket: Pick<WebSocket, 'readyState' | 'OPEN'>, connection: Socket): Outbox {
  let parts: Buffer[] = [];
  let bytes = 0;
  let resumes: Set<() => void> | null = null;

  function drained(): void {
    const waiting = resumes;
    resumes = null;
    for (const resume of waiting ?? []) resume();
  }

  const outbox: Outbox = {
    add(head, body) {
      if (socket.readyState !== socket.OPEN) return;
      if (parts.length === 0) {
        if (dirty.length === 0) process.nextTick(flushAll);
        dirty.push(outbox);
      }
      parts.push(head, body);
      bytes += frameLength(head.length + body.length);
    },
    full: () => bytes + connection.writableLength >= BACKLOG_BYTES,
    whenDrained(resume) {
      if (resumes === null) {
        resumes = new Set();
        // Only what has been handed over can drain.
        outbox.flush();
        connection.once('drain', drained);
      }
      resumes.add(resume);
    },
    flush() {
      if (parts.length === 0) return;
      if (socket.readyState === socket.OPEN) connection.write(framed(parts, bytes));
      parts = [];
      bytes = 0;
    },
  };
  return outbox;
}

function flushAll(): void {
  const waiting = dirty;
  dirty = [];
  for (const outbox of waiting) outbox.flush();
}

function frameLength(payload: number): number {
  return payload + (payload <= LARGEST_SHORT ? 2 : payload <= LARGEST_MEDIUM ? 4 : 10);
}

/** `parts`: head and body of each frame in turn. */
function framed(parts: readonly Buffer[], bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (let index = 0; index < parts.length; index += 2) {
    const head = parts[index] as Buffer;
    const body = parts[index + 1] as Buffer;
    at = writeHeader(buffer, at, head.length + body.length);
    buffer.set(head, at);
    buffer.set(body, at + head.length);
    at += head.length + body.length;
  }
  return buffer;
}

function writeHeader(buffer: Buffer, start: number, length: number): number {
  buffer[start] = FINAL_TEXT;
  if (length <= LARGEST_SHORT) {
    buffer[start + 1] = length;
    return start + 2;
  }
  if (length <= LARGEST_MEDIUM) {
    buffer[start + 1] = 126;
    return buffer.writeUInt16BE(length, start + 2);
  }
  buffer[start + 1] = 127;
  return buffer.writeBigUInt64BE(BigInt(length), start + 2);
}
