/** What Cal.com offers for booking, in our words. Pure. */
import type { ConsultationType } from '../appointments/appointment.ts';
import type { UpstreamEventType } from '../calcom/rest-contract.ts';

/** A place an event type allows: Cal.com's `type`, and its app for an integration. */
export interface EventTypeLocation {
  type: string;
  integration?: string;
}

/** A question asked at booking time. */
export interface BookingField {
  slug: string;
  type: string;
  label: string | null;
  required: boolean;
  /** One of Cal.com's own, such as name, e-mail and notes. */
  isDefault: boolean;
  hidden: boolean;
  options: string[] | null;
}

export interface EventTypeFacts {
  id: number;
  slug: string;
  title: string;
  description: string | null;
  durationMinutes: number;
  durationOptions: number[];
  consultationTypes: ConsultationType[];
  requiresConfirmation: boolean;
  hidden: boolean;
  seats: number | null;
  recurring: boolean;
  locations: EventTypeLocation[];
  bookingFields: BookingField[];
}

export function eventTypeFacts(upstream: UpstreamEventType): EventTypeFacts {
  const locations = (upstream.locations ?? []).map((place) => ({
    type: place.type,
    ...(place.integration === undefined ? {} : { integration: place.integration }),
  }));
  return {
    id: upstream.id,
    slug: upstream.slug,
    title: upstream.title,
    description: upstream.description === undefined || upstream.description === '' ? null : upstream.description,
    durationMinutes: upstream.lengthInMinutes,
    durationOptions: [...new Set(upstream.lengthInMinutesOptions ?? [])].sort((a, b) => a - b),
    consultationTypes: consultationTypesOf(locations),
    requiresConfirmation: isOn(upstream.confirmationPolicy),
    hidden: upstream.hidden ?? false,
    seats: isOn(upstream.seats) ? (upstream.seats?.seatsPerTimeSlot ?? null) : null,
    recurring: isOn(upstream.recurrence),
    locations,
    bookingFields: (upstream.bookingFields ?? []).map((field) => ({
      slug: field.slug,
      type: field.type,
      label: field.label ?? null,
      required: field.required,
      isDefault: field.isDefault,
      hidden: field.hidden ?? false,
      options: field.options ?? null,
    })),
  };
}

/** Of `null`, `{disabled: true}` and a policy, only the last is on. */
function isOn(setting: { disabled?: boolean } | null | undefined): boolean {
  return setting !== null && setting !== undefined && setting.disabled !== true;
}

/** SCHEMA "Consultation type": by the kinds of places, in the order Cal.com has them; without any Cal.com takes its own video. */
export function consultationTypesOf(locations: readonly EventTypeLocation[]): ConsultationType[] {
  const kinds = locations.map((place) => consultationTypeOf(place.type));
  return kinds.length === 0 ? ['VIDEO'] : [...new Set(kinds)];
}

export function consultationTypeOf(locationType: string): ConsultationType {
  switch (locationType) {
    case 'integration':
    case 'link':
    case 'organizersDefaultApp':
      return 'VIDEO';
    case 'phone':
    case 'attendeePhone':
      return 'AUDIO';
    default:
      return 'IN_PERSON';
  }
}

/** Cal.com computes slots for any length and then refuses to book them (034, 085), so the length is checked here. */
export function durationProblem(eventType: Pick<EventTypeFacts, 'durationMinutes' | 'durationOptions'>, minutes: number): string | null {
  const allowed = eventType.durationOptions.length > 0 ? eventType.durationOptions : [eventType.durationMinutes];
  return allowed.includes(minutes) ? null : `This kind of appointment takes ${allowed.join(', ')} minutes.`;
}
