/** Webhooks that no recording shows: what the sandbox sends has the fields of the sample bodies, in their order. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { testSandbox, type TestSandbox } from '../../sandbox/testing.ts';
import { isRecord } from './id-map.ts';

let sandbox: TestSandbox;
beforeEach(() => {
  sandbox = testSandbox();
});

/** Only with a connected video app, which the sandbox has not. */
const VIDEO = new Set(['conferenceData', 'videoCallData', 'appsStatus']);

function sample(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../payloads/webhooks/${file}`, import.meta.url), 'utf8'));
}

const lastBody = (): unknown => JSON.parse(sandbox.deliveries.at(-1)?.body ?? 'null');

/** Names of the fields of the event and of its payload, people included; not those of forms, which depend on the event type. */
function fields(body: unknown): Record<string, string[]> {
  const root = isRecord(body) ? body : {};
  const payload = isRecord(root['payload']) ? root['payload'] : root;
  const [attendee] = Array.isArray(payload['attendees']) ? payload['attendees'] : [];
  const names = (value: unknown): string[] => (isRecord(value) ? Object.keys(value).filter((name) => !VIDEO.has(name)) : []);
  return { root: names(root), payload: names(payload), organizer: names(payload['organizer']), attendee: names(attendee) };
}

describe('a webhook has the fields of its sample', () => {
  test('cancelled on the web application’s page: who did it is named', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    await sandbox.control.cancel({ uid, by: 'patient' });
    expect(fields(lastBody())).toEqual(fields(sample('booking-cancelled.json')));
  });

  test('a series cancelled as a whole', async () => {
    const [first] = (await sandbox.book(4, '2026-12-08T12:00:00Z')) as unknown as { recurringBookingUid: string }[];
    await sandbox.bookings('POST', `/${first?.recurringBookingUid}/cancel`, { cancellationReason: 'x' });
    expect(fields(lastBody())).toEqual(fields(sample('booking-cancelled.recurring-all.json')));
  });

  test('one seat given up', async () => {
    const { uid } = await sandbox.book(5, '2026-12-07T09:00:00Z', 'Seat One');
    await sandbox.control.cancel({ uid, by: 'patient' });
    expect(fields(lastBody())).toEqual(fields(sample('booking-cancelled.seat.json')));
  });

  test('the host asks for another time', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    await sandbox.control.requestReschedule({ uid });
    expect(fields(lastBody())).toEqual(fields(sample('booking-cancelled.request-reschedule.json')));
  });

  test('payment asked for', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    await sandbox.control.pay({ uid, step: 'initiated' });
    expect(fields(lastBody())).toEqual(fields(sample('booking-payment-initiated.json')));
  });

  test('paid', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    await sandbox.control.pay({ uid, step: 'initiated' });
    await sandbox.control.pay({ uid, step: 'paid' });
    expect(fields(lastBody())).toEqual(fields(sample('booking-paid.json')));
  });

  test('a meeting ends, flat and enveloped', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    await sandbox.control.meeting({ uid, which: 'ENDED', enveloped: true });
    expect(fields(lastBody())).toEqual(fields(sample('meeting-ended.enveloped.json')));
    await sandbox.control.meeting({ uid, which: 'ENDED' });
    expect(fields(lastBody())).toEqual(fields(sample('meeting-ended.legacy.json')));
  });

  test('a meeting that was approved starts with a shorter row', async () => {
    const { uid } = await sandbox.book(2, '2026-12-07T09:00:00Z');
    await sandbox.bookings('POST', `/${uid}/confirm`);
    await sandbox.control.meeting({ uid, which: 'STARTED' });
    expect(fields(lastBody())).toEqual(fields(sample('meeting-started.legacy-after-confirm.json')));
  });

  test('did not come', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    await sandbox.control.noShow({ uid });
    expect(fields(lastBody())).toEqual(fields(sample('booking-no-show-updated.json')));
  });
});
