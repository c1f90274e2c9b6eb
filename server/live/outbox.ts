/**
 * What one connection is about to be sent: WebSocket text frames put together from a part of the subscriber's own and a part
 * that many share. All frames of one tick leave in one write, because a system call costs more than everything else
 * that a delivery needs.
 *
 * Frames are strings of bytes ("latin1"), put together from UTF-8 that was encoded once for all: a string of a kilobyte dies young,
 * a Buffer of that size is memory outside of the heap, whose collection costs as much as the deliveries (measured: a tenth of all
 * CPU with 1000 subscribers).
 */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

export interface Outbox {
  /** One text frame of `head` and `body`, each as `bytesOf` gives it. Dropped when the socket is no longer open. */
  add(head: string, body: string): void;
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
  let frames = '';
  /** The connection said so at the last write: only then does anything wait in it. */
  let waits = false;
  let resumes: Set<() => void> | null = null;

  function drained(): void {
    const waiting = resumes;
    resumes = null;
    for (const resume of waiting ?? []) resume();
  }

  const outbox: Outbox = {
    add(head, body) {
      if (socket.readyState !== socket.OPEN) return;
      if (frames === '') {
        if (dirty.length === 0) process.nextTick(flushAll);
        dirty.push(outbox);
      }
      frames += frameHeader(head.length + body.length) + head + body;
    },
    full: () => frames.length >= BACKLOG_BYTES || (waits && frames.length + connection.writableLength >= BACKLOG_BYTES),
    whenDrained(resume) {
      if (resumes === null) {
        resumes = new Set();
        // Only what has been handed over can drain.
        outbox.flush();
        if (connection.writableNeedDrain) connection.once('drain', drained);
        // All of it has left in that very call; no event will tell.
        else setImmediate(drained);
      }
      resumes.add(resume);
    },
    flush() {
      if (frames === '') return;
      if (socket.readyState === socket.OPEN) waits = !connection.write(frames, 'latin1');
      frames = '';
    },
  };
  return outbox;
}

/** UTF-8, one character a byte. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function flushAll(): void {
  const waiting = dirty;
  dirty = [];
  for (const outbox of waiting) outbox.flush();
}

function frameHeader(length: number): string {
  if (length <= LARGEST_SHORT) return String.fromCharCode(FINAL_TEXT, length);
  if (length <= LARGEST_MEDIUM) return String.fromCharCode(FINAL_TEXT, 126, length >> 8, length & 0xff);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(length));
  return String.fromCharCode(FINAL_TEXT, 127) + size.toString('latin1');
}
