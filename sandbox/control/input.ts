/** Bodies of the control API. */
import { z } from 'zod';

const uid = z.string().min(1).max(100).optional();
const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .optional();
const reason = z.string().max(500).optional();
const by = z.enum(['patient', 'host']).optional();

export const bookInput = z.strictObject({
  hostUsername: z.string().max(100).optional(),
  eventTypeSlug: z.string().max(100).optional(),
  start: instant,
  attendee: z
    .strictObject({ name: z.string().min(1).max(200), email: z.email(), timeZone: z.string().max(100).default('Europe/Amsterdam') })
    .optional(),
});
export const rescheduleInput = z.strictObject({ uid, start: instant, by, reason });
export const cancelInput = z.strictObject({ uid, reason, by, seatUid: uid });
export const uidInput = z.strictObject({ uid });
export const reasonInput = z.strictObject({ uid, reason });
export const noShowInput = z.strictObject({ uid, absent: z.boolean().optional() });
export const meetingInput = z.strictObject({ uid, which: z.enum(['STARTED', 'ENDED']), enveloped: z.boolean().optional() });
export const payInput = z.strictObject({ uid, step: z.enum(['initiated', 'paid']) });
/** Every `everyMinutes` from `from` on; without it, from tomorrow. */
export const bulkInput = z.strictObject({
  count: z.int().min(1).max(50_000),
  hostUsername: z.string().max(100).optional(),
  from: instant,
  everyMinutes: z.int().min(1).max(10_080).default(30),
});
export const reassignInput = z.strictObject({ uid, hostUsername: z.string().max(100) });
/** Without `start`, to the day before. */
export const silentMoveInput = z.strictObject({ uid, start: instant });
export const burstInput = z.strictObject({ count: z.int().min(1).max(5_000) });
export const clockInput = z.strictObject({ now: instant, offsetMs: z.int().optional() });

/** Makes an event type one that these users share, as an administrator of the web application would. */
export const shareInput = z.strictObject({ eventTypeId: z.int(), hostIds: z.array(z.int()).min(1).max(50) });

/** Instants in any zone; the webhook shows them in the host's. */
export const outOfOfficeInput = z.strictObject({
  hostUsername: z.string().max(100),
  start: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  end: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  uuid: z.string().max(100).optional(),
  notes: z.string().max(500).optional(),
});
export const backInOfficeInput = z.strictObject({ uuid: z.string().max(100) });

export type OutOfOfficeInput = z.input<typeof outOfOfficeInput>;
export type BackInOfficeInput = z.input<typeof backInOfficeInput>;
export type ShareInput = z.input<typeof shareInput>;
export type BookInput = z.input<typeof bookInput>;
export type RescheduleInput = z.input<typeof rescheduleInput>;
export type CancelInput = z.input<typeof cancelInput>;
export type UidInput = z.input<typeof uidInput>;
export type ReasonInput = z.input<typeof reasonInput>;
export type NoShowInput = z.input<typeof noShowInput>;
export type MeetingInput = z.input<typeof meetingInput>;
export type PayInput = z.input<typeof payInput>;
export type BulkInput = z.input<typeof bulkInput>;
export type ReassignInput = z.input<typeof reassignInput>;
export type SilentMoveInput = z.input<typeof silentMoveInput>;
export type BurstInput = z.input<typeof burstInput>;
export type ClockInput = z.input<typeof clockInput>;
