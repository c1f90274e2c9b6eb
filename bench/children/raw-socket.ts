/**
 * The base of the fan-out: `ws`, one frame built once and written to each socket. Its webhook does what every server must do
 * with one (children/webhook.ts) before it writes.
 */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { announce } from '../child.ts';
import { control, type Update } from './control.ts';
import { createWebhook } from './webhook.ts';

const SUBSCRIBED = `{"id":"1","type":"next","payload":{"data":{"appointmentUpdated":{"kind":"POSITION"}}}}`;

/** Written to directly: `ws` would frame the text anew for each of them. */
const streams = new Set<Socket>();

function publish(update: Update): void {
  const frame = frameOf(`{"id":"1","type":"next","payload":{"data":{"appointmentUpdated":${JSON.stringify(update)}}}}`);
  for (const stream of streams) stream.write(frame);
}

/** RFC 6455, section 5.2: one whole text frame, as a server sends it. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = payload.length < 126 ? Buffer.alloc(2) : Buffer.alloc(4);
  header[0] = 0x81;
  header[1] = Math.min(payload.length, 126);
  if (payload.length >= 126) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}

const webhook = createWebhook(publish);
const server = createServer((request, response) => {
  if (!webhook(request, response) && !control(request, response, publish)) response.writeHead(404).end();
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket, request) => {
  streams.add(request.socket);
  socket.on('close', () => streams.delete(request.socket));
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { type: string };
    socket.send(message.type === 'connection_init' ? '{"type":"connection_ack"}' : SUBSCRIBED);
  });
});
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
