/** A sandbox for tests: the recorded users, a clock and ids under control, deliveries caught instead of sent. */
import { createSandbox, type Delivery, type Sandbox, type SandboxAnswer, type SandboxOptions, seededRandom } from './sandbox.ts';

export const OLGA = 'cal_0123456789abcdef0123456789abcdef';
export const OTHER = 'cal_fedcba9876543210fedcba9876543210';
export const START = Date.parse('2026-11-22T17:00:00Z');

export interface TestSandbox extends Sandbox {
  /** Everything delivered so far, oldest first. */
  deliveries: Delivery[];
  /** `<trigger> <uid>` of each, for reading. */
  told(): string[];
  bookings(method: string, path: string, body?: unknown, key?: string | null): Promise<SandboxAnswer>;
  /** Books for event type `id` and answers the data. */
  book(id: number, start: string, name?: string, more?: Record<string, unknown>): Promise<Data>;
  get(uid: string): Promise<Data>;
}

/** Fields of an answer, read by name in assertions. */
export type Data = Record<string, unknown> & { uid: string; status: string };

export function testSandbox(options: Partial<SandboxOptions> = {}): TestSandbox {
  const deliveries: Delivery[] = [];
  const sandbox = createSandbox({
    seed: 'recorded',
    random: seededRandom(7),
    now: () => START,
    webhook: { url: 'http://gateway.test/hook', secret: 'whsec-test' },
    deliver: async (delivery) => {
      deliveries.push(delivery);
    },
    ...options,
  });
  const bookings: TestSandbox['bookings'] = (method, path, body, key = OLGA) =>
    sandbox.request(method, `/v2/bookings${path}`, {
      headers: { 'cal-api-version': '2024-08-13', ...(key !== null && { authorization: `Bearer ${key}` }) },
      body,
    });
  return {
    ...sandbox,
    deliveries,
    told: () => deliveries.map(({ triggerEvent, bookingUid }) => `${triggerEvent} ${bookingUid}`),
    bookings,
    book: async (id, start, name = 'Ann', more = {}) => {
      const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;
      const answer = await bookings('POST', '', {
        start,
        eventTypeId: id,
        attendee: { name, email, timeZone: 'Europe/Amsterdam' },
        ...more,
      });
      if (answer.status !== 201) throw new Error(`Not booked: ${JSON.stringify(answer.body)}`);
      return dataOf(answer);
    },
    get: async (uid) => dataOf(await bookings('GET', `/${uid}`)),
  };
}

export const dataOf = (answer: SandboxAnswer): Data => (answer.body as { data: Data }).data;
