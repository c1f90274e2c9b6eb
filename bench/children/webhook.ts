/**
 * The webhook of a server that has no log: the signature over the raw bytes, one prepared insert that is durable, then the update
 * goes out and 200 goes back. The update is the one that `POST /template` gave, so that every contender sends the same.
 */
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import pg from 'pg';
import { bodyOf, type Update } from './control.ts';

const { DATABASE_URL = '', SECRET = '' } = process.env;

export function createWebhook(publish: (update: Update) => void): (request: IncomingMessage, response: ServerResponse) => boolean {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
  let template: Update = {};

  async function receive(request: IncomingMessage): Promise<number> {
    const body = await bodyOf(request);
    const expected = createHmac('sha256', SECRET).update(body).digest();
    const given = Buffer.from(String(request.headers['x-cal-signature-256']), 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 401;
    const text = body.toString();
    const event = JSON.parse(text) as { triggerEvent: string; payload: { uid: string } };
    await pool.query({
      name: 'insert',
      text: `INSERT INTO "CalcomWebhookEvent" ("id","bodySha256","bodyLength","triggerEvent","payload","bookingUid") VALUES ($1,$2,$3,$4,$5,$6)
             ON CONFLICT ("bodySha256") DO NOTHING`,
      values: [randomUUID(), createHash('sha256').update(body).digest('hex'), body.length, event.triggerEvent, text, event.payload.uid],
    });
    publish(template);
    return 200;
  }

  return (request, response) => {
    if (request.url === '/template') {
      void bodyOf(request).then((body) => {
        template = JSON.parse(body.toString()) as Update;
        response.end('{}');
      });
      return true;
    }
    if (request.url !== '/api/calcom/webhooks') return false;
    receive(request).then(
      (status) => response.writeHead(status).end(),
      (error: unknown) => {
        console.error(error);
        response.writeHead(503).end();
      },
    );
    return true;
  };
}
