/** What one would write first: node:http, the signature over the raw bytes, one prepared insert into the same table, 200. */
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { announce } from '../child.ts';

const { DATABASE_URL = '', SECRET = '' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });

const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    receive(body, String(request.headers['x-cal-signature-256'])).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(503).end(),
    );
  });
});

async function receive(body: Buffer, signature: string): Promise<number> {
  const expected = createHmac('sha256', SECRET).update(body).digest();
  const given = Buffer.from(signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 401;
  const text = body.toString();
  const event = JSON.parse(text) as { triggerEvent: string; payload: { uid: string } };
  await pool.query({
    name: 'insert',
    text: `INSERT INTO "CalcomWebhookEvent" ("id","bodySha256","bodyLength","triggerEvent","payload","bookingUid") VALUES ($1,$2,$3,$4,$5,$6)
           ON CONFLICT ("bodySha256") DO NOTHING`,
    values: [randomUUID(), createHash('sha256').update(body).digest('hex'), body.length, event.triggerEvent, text, event.payload.uid],
  });
  return 200;
}

server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
