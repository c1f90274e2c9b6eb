/**
 * A WebSocket client that costs next to nothing, so that the load is not what is measured: one read buffer for all sockets, frames
 * are told apart by their headers alone, and the text is looked at only where it lies. Enough for servers that send whole frames.
 */
import { randomBytes } from 'node:crypto';
import net from 'node:net';

export interface LightSocket {
  send(text: string): void;
  end(): void;
}

export interface LightEvents {
  open: () => void;
  /** The text of one frame is `from` … `to` of these bytes, until the next event. */
  text: (bytes: Buffer, from: number, to: number) => void;
  /** What went wrong, or that the server closed it; not after `end`. */
  lost: (reason: string) => void;
}

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const shared = Buffer.allocUnsafe(256 * 1024);

export function openLightSocket(address: string, protocol: string, events: LightEvents): LightSocket {
  const url = new URL(address);
  let rest: Buffer | null = null;
  let isOpen = false;
  let isOver = false;
  const lost = (reason: string) => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    events.lost(reason);
  };

  const socket = net.connect({
    host: url.hostname,
    port: Number(url.port),
    noDelay: true,
    onread: {
      buffer: shared,
      callback(count, buffer) {
        const news = buffer.subarray(0, count) as Buffer;
        const bytes: Buffer = rest === null ? news : Buffer.concat([rest, news]);
        let at = 0;
        if (!isOpen) {
          const end = bytes.indexOf('\r\n\r\n');
          if (end >= 0) {
            if (!bytes.subarray(0, end).toString('latin1').startsWith('HTTP/1.1 101')) {
              lost(`it answered ${bytes.subarray(0, 40).toString('latin1')}`);
              return false;
            }
            isOpen = true;
            at = end + 4;
            events.open();
          }
        }
        if (isOpen) at = readFrames(bytes, at);
        // The shared buffer is overwritten by the next read of any socket.
        rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : null;
        return true;
      },
    },
  });
  socket.on('error', (error) => lost(error.message));
  socket.on('close', () => lost('the connection was closed'));
  socket.once('connect', () =>
    socket.write(
      `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    ),
  );

  /** How far the whole frames reach. */
  function readFrames(bytes: Buffer, start: number): number {
    let at = start;
    for (;;) {
      const frame = frameAt(bytes, at);
      if (frame === null) return at;
      const opcode = (bytes[at] ?? 0) & 0x0f;
      if (opcode === TEXT) events.text(bytes, frame.from, frame.to);
      else if (opcode === PING) socket.write(maskedFrame(PONG, bytes.subarray(frame.from, frame.to)));
      else if (opcode === CLOSE) lost(`closed ${frame.to - frame.from >= 2 ? bytes.readUInt16BE(frame.from) : 'without a code'}`);
      at = frame.to;
    }
  }

  return {
    send: (text) => void socket.write(maskedFrame(TEXT, Buffer.from(text))),
    end() {
      isOver = true;
      socket.destroy();
    },
  };
}

/** Where the payload of the frame at `at` lies; null while it has not arrived as a whole. A server's frames are not masked. */
export function frameAt(bytes: Buffer, at: number): { from: number; to: number } | null {
  if (bytes.length - at < 2) return null;
  const short = (bytes[at + 1] ?? 0) & 0x7f;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length - at < header) return null;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  const to = at + header + length;
  return to > bytes.length ? null : { from: at + header, to };
}

/** Masked with zeros, as a client's frame must be masked: the payload stays as it is. */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = length < 126 ? Buffer.alloc(6) : Buffer.alloc(8);
  header[0] = 0x80 | opcode;
  if (length < 126) header[1] = 0x80 | length;
  else if (length < 65_536) {
    header[1] = 0x80 | 126;
    header.writeUInt16BE(length, 2);
  } else throw new Error('A subscription is shorter than 64 KB.');
  return Buffer.concat([header, payload]);
}
