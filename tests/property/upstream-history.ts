/**
 * Real histories: operations on a Cal.com that behaves as measured, and the webhooks it sent meanwhile. Used by the
 * convergence property; what happens is drawn by fast-check, how it looks on the wire is the sandbox's business.
 */
import fc from 'fast-check';
import { createSandbox } from '../../sandbox/sandbox.ts';

export interface CapturedDelivery {
  body: string;
  headers: Record<string, string>;
}

export const OLGA_KEY = 'cal_0123456789abcdef0123456789abcdef';
export const START = Date.parse('2026-11-22T17:08:00Z');
const MONDAY = Date.parse('2026-12-07T09:00:00Z');
const HOUR = 3_600_000;

/** What may happen; `pick` chooses among the bookings made so far, `slot` an hour of the week after next. */
export type Operation =
  | { do: 'book' | 'request' | 'series'; slot: number; person: number }
  | { do: 'seat'; slot: number; person: number }
  | { do: 'reschedule'; pick: number; slot: number; asHost: boolean }
  | { do: 'reschedule twice at once'; pick: number; slot: number; other: number }
  | { do: 'move seat' | 'cancel seat'; pick: number; slot: number }
  | { do: 'cancel' | 'cancel series' | 'confirm' | 'decline' | 'confirm and decline at once'; pick: number }
  | { do: 'no-show'; pick: number; absent: boolean };

const slot = fc.nat(39);
const pick = fc.nat(30);
const person = fc.nat(4);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('book' as const, 'request' as const), slot, person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('series' as const), slot, person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('seat' as const), slot: fc.nat(3), person }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reschedule' as const), pick, slot, asHost: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reschedule twice at once' as const), pick, slot, other: slot }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('move seat' as const, 'cancel seat' as const), pick, slot: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'cancel' as const,
        'cancel series' as const,
        'confirm' as const,
        'decline' as const,
        'confirm and decline at once' as const,
      ),
      pick,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('no-show' as const), pick, absent: fc.boolean() }) },
);

interface BookingView {
  uid: string;
  status: string;
  seatUid?: string;
  recurringBookingUid?: string;
  attendees?: { email: string; seatUid?: string }[];
  eventTypeId: number;
}

export interface UpstreamHistory {
  url: string;
  /** Does one thing; refusals of the server are part of life and are ignored. Returns what it sent. */
  perform(operation: Operation): Promise<CapturedDelivery[]>;
  close(): Promise<void>;
}

export async function startUpstream(webhookSecret: string): Promise<UpstreamHistory> {
  let now = START;
  let sent: CapturedDelivery[] = [];
  const sandbox = createSandbox({
    seed: 'recorded',
    rateLimit: false,
    now: () => (now += 7),
    deliver: async (delivery) => {
      sent.push({ body: delivery.body, headers: delivery.headers });
      return 200;
    },
  });
  const { url } = await sandbox.listen(0);
  const call = async (
    method: string,
    path: string,
    body?: Record<string, unknown>,
    key: string | null = OLGA_KEY,
    version = '2024-08-13',
  ) => {
    const headers: Record<string, string> = { 'cal-api-version': version, 'content-type': 'application/json' };
    if (key !== null) headers.authorization = `Bearer ${key}`;
    const answer = await sandbox.request(method, path, { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: answer.status, body: (typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body) as { data?: unknown } };
  };
  await call('POST', '/v2/webhooks', { subscriberUrl: 'http://127.0.0.1:9/hook', triggers: TRIGGERS, active: true, secret: webhookSecret });

  const made: { uid: string; eventTypeId: number }[] = [];
  const remember = (data: unknown) => {
    for (const one of Array.isArray(data) ? (data as BookingView[]) : [data as BookingView]) {
      if (one?.uid !== undefined && !made.some((known) => known.uid === one.uid)) made.push({ uid: one.uid, eventTypeId: one.eventTypeId });
    }
  };
  const at = (index: number) => new Date(MONDAY + Math.floor(index / 8) * 24 * HOUR + (index % 8) * (HOUR * 0.75)).toISOString();
  const attendee = (index: number) => ({
    name: `Person ${index}`,
    email: `person${index}@example.com`,
    timeZone: 'Europe/Amsterdam',
    language: 'en',
  });
  /** Most of the time one that the operation makes sense for; now and then any, because people do that too. */
  const chosen = (step: { do: Operation['do']; pick: number }) => {
    const kind = { confirm: 2, decline: 2, 'confirm and decline at once': 2, 'move seat': 5, 'cancel seat': 5, 'cancel series': 4 }[
      step.do as string
    ];
    const fitting = kind === undefined || step.pick % 7 === 6 ? made : made.filter((one) => one.eventTypeId === kind);
    return fitting[step.pick % Math.max(fitting.length, 1)]?.uid;
  };
  const post = async (path: string, body: Record<string, unknown>, key: string | null = OLGA_KEY) => {
    const answer = await call('POST', path, body, key);
    if (answer.status < 300) remember(answer.body.data);
  };
  const view = async (uid: string) => (await call('GET', `/v2/bookings/${uid}`)).body.data as BookingView | undefined;

  async function run(step: Operation): Promise<void> {
    if ('person' in step) {
      const eventTypeId = { book: 1, request: 2, series: 4, seat: 5 }[step.do];
      return post('/v2/bookings', {
        start: at(step.do === 'seat' ? step.slot * 8 : step.slot),
        eventTypeId,
        attendee: attendee(step.person),
        metadata: step.do === 'seat' ? {} : { fintanRequestId: crypto.randomUUID() },
      });
    }
    const uid = chosen(step);
    if (uid === undefined) return;
    switch (step.do) {
      case 'reschedule':
        return post(`/v2/bookings/${uid}/reschedule`, {
          start: at(step.slot),
          ...(step.asHost ? { rescheduledBy: 'olga@example.com' } : { reschedulingReason: 'later please' }),
        });
      case 'reschedule twice at once':
        await Promise.all([
          post(`/v2/bookings/${uid}/reschedule`, { start: at(step.slot) }),
          post(`/v2/bookings/${uid}/reschedule`, { start: at(step.other) }),
        ]);
        return;
      case 'move seat':
      case 'cancel seat': {
        const seatUid = (await view(uid))?.attendees?.find((one) => one.seatUid !== undefined)?.seatUid;
        if (seatUid === undefined) return;
        if (step.do === 'move seat') return post(`/v2/bookings/${uid}/reschedule`, { seatUid, start: at(step.slot * 8) }, null);
        return post(`/v2/bookings/${uid}/cancel`, { seatUid }, null);
      }
      case 'cancel':
        return post(`/v2/bookings/${uid}/cancel`, { cancellationReason: 'ill' });
      case 'cancel series':
        return post(`/v2/bookings/${uid}/cancel`, { cancellationReason: 'ill', cancelSubsequentBookings: true });
      case 'confirm':
        return post(`/v2/bookings/${uid}/confirm`, {});
      case 'decline':
        return post(`/v2/bookings/${uid}/decline`, { reason: 'full' });
      case 'confirm and decline at once':
        await Promise.all([post(`/v2/bookings/${uid}/confirm`, {}), post(`/v2/bookings/${uid}/decline`, { reason: 'full' })]);
        return;
      case 'no-show': {
        const email = (await view(uid))?.attendees?.[0]?.email;
        // Only after the start (MEASURED 161): the clock goes there and stays.
        now = Math.max(now, MONDAY + 8 * 24 * HOUR);
        return post(`/v2/bookings/${uid}/mark-absent`, { attendees: [{ email: email ?? 'nobody@example.com', absent: step.absent }] });
      }
    }
  }

  return {
    url,
    async perform(step) {
      sent = [];
      await run(step);
      return sent;
    },
    close: () => sandbox.close(),
  };
}

const TRIGGERS = [
  'BOOKING_CREATED',
  'BOOKING_REQUESTED',
  'BOOKING_RESCHEDULED',
  'BOOKING_CANCELLED',
  'BOOKING_REJECTED',
  'BOOKING_PAYMENT_INITIATED',
  'BOOKING_PAID',
  'BOOKING_NO_SHOW_UPDATED',
  'MEETING_STARTED',
  'MEETING_ENDED',
];
