/** How a bench tells a server of its own, or a peer, what to send to everybody. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What `POST /publish` brings: one value of `appointmentUpdated`. */
export type Update = Record<string, unknown>;

let subscribed = 0;

/** Called by the resolver of each subscription. */
export function countSubscription(): void {
  subscribed += 1;
}

/**
 * `POST /publish`: the update goes to everybody. `GET /count`: subscriptions so far. False when it is another path, which is the
 * peer's own.
 */
export function control(request: IncomingMessage, response: ServerResponse, publish: (update: Update) => void): boolean {
  if (request.url === '/count') {
    response.end(String(subscribed));
    return true;
  }
  if (request.url !== '/publish') return false;
  void bodyOf(request).then((body) => {
    publish(JSON.parse(body.toString()) as Update);
    response.end('{}');
  });
  return true;
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
