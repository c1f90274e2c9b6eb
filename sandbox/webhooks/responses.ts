/** The `responses` block of webhooks: every booking field with its label (a translation key for the default ones). */
import type { EventTypeRow, FieldResponses } from '../engine/records.ts';

interface LabelledResponse {
  label: string;
  value?: unknown;
  isHidden: boolean;
}

const DEFAULT_LABELS: [slug: string, label: string][] = [
  ['name', 'your_name'],
  ['email', 'email_address'],
  ['location', 'location'],
];
const CLOSING_LABELS: [slug: string, label: string][] = [
  ['title', 'what_is_this_meeting_about'],
  ['notes', 'additional_notes'],
  ['guests', 'additional_guests'],
  ['rescheduleReason', 'reason_for_reschedule'],
];

/** `atBooking`: sent while booking, when the phone field is listed and the location is known (002); later webhooks lack both (035, 044). */
export function labelledResponses(
  eventType: EventTypeRow | null,
  responses: FieldResponses,
  atBooking: { location: string; phoneNumber: string | null } | null,
): Record<string, LabelledResponse> {
  const out: Record<string, LabelledResponse> = {};
  if (atBooking) out['attendeePhoneNumber'] = labelled('phone_number', atBooking.phoneNumber ?? undefined, true);
  for (const [slug, label] of DEFAULT_LABELS) out[slug] = labelled(label, responses[slug], false);
  if (atBooking) out['location'] = labelled('location', { value: atBooking.location, optionValue: '' }, false);
  for (const field of eventType?.customFields ?? []) out[field.slug] = labelled(field.label, responses[field.slug], false);
  for (const [slug, label] of CLOSING_LABELS) out[slug] = labelled(label, responses[slug], slug === 'title');
  return out;
}

/** Only the event type's own fields that were answered (031). */
export function userFieldsResponses(eventType: EventTypeRow | null, responses: FieldResponses): Record<string, LabelledResponse> {
  const out: Record<string, LabelledResponse> = {};
  for (const field of eventType?.customFields ?? []) {
    if (responses[field.slug] !== undefined) out[field.slug] = labelled(field.label, responses[field.slug], false);
  }
  return out;
}

const labelled = (label: string, value: unknown, isHidden: boolean): LabelledResponse =>
  value === undefined ? { label, isHidden } : { label, value, isHidden };
