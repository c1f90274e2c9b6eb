/** The same for server-sent events: a POST whose answer goes on, cut into events at the empty lines. */
import net from 'node:net';
import type { LightEvents, LightSocket } from './light-socket.ts';

const shared = Buffer.allocUnsafe(256 * 1024);

/** `body` is the operation. `text` gets one event with whatever the chunked encoding put before it. */
export function openLightStream(address: string, headers: Record<string, string>, body: string, events: LightEvents): LightSocket {
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
            if (!bytes.subarray(0, end).toString('latin1').startsWith('HTTP/1.1 200')) {
              lost(`it answered ${bytes.toString('latin1').slice(0, 300)}`);
              return false;
            }
            isOpen = true;
            at = end + 4;
            events.open();
          }
        }
        if (isOpen) at = readEvents(bytes, at);
        rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : null;
        return true;
      },
    },
  });
  socket.on('error', (error) => lost(error.message));
  socket.on('close', () => lost('the connection was closed'));

  /** How far the whole events reach. */
  function readEvents(bytes: Buffer, start: number): number {
    let at = start;
    for (let end = bytes.indexOf('\n\n', at); end >= 0; end = bytes.indexOf('\n\n', at)) {
      events.text(bytes, at, end);
      at = end + 2;
    }
    return at;
  }

  const lines = { accept: 'text/event-stream', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('connect', () => socket.write(`POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n${head.join('')}\r\n${body}`));
  return {
    send: () => {},
    end() {
      isOver = true;
      socket.destroy();
    },
  };
}
