/** From what an event type allows and what a booker asks to the one text that Cal.com stores as a booking's location. */
import { badRequest } from './api-failure.ts';
import type { EventTypeLocation, EventTypeRow } from './records.ts';

/** No location at all means Cal Video, whose name stays literal while no video app is connected (MEASURED 091). */
export const DEFAULT_LOCATION = 'integrations:daily';

/** `{type: 'integration', integration: 'cal-video'}` and its like, or a bare text (legacy). */
export type LocationInput = string | ({ type: string } & Record<string, unknown>);

const INTEGRATIONS: Record<string, string> = {
  'cal-video': 'integrations:daily',
  'google-meet': 'integrations:google:meet',
  zoom: 'integrations:zoom',
  'office365-video': 'integrations:office365_video',
};

export function bookingLocation(eventType: EventTypeRow, asked: LocationInput | undefined): string {
  const first = eventType.locations[0];
  if (asked === undefined) return first ? storedText(first) : DEFAULT_LOCATION;
  if (typeof asked === 'string') return asked;
  const allowed = eventType.locations.find((location) => location.type === asked.type && sameIntegration(location, asked));
  if (!allowed && !(asked.type === 'integration' && asked['integration'] === 'cal-video' && eventType.locations.length === 0)) {
    throw badRequest(
      `Booking location with type ${asked.type} not valid for event type with id=${eventType.id}. The event type has following location types: ${eventType.locations.map((location) => location.type).join(', ')}.`,
    );
  }
  switch (asked.type) {
    case 'attendeePhone':
      return textOf(asked['phone']);
    case 'attendeeAddress':
      return textOf(asked['address']);
    case 'attendeeDefined':
      return textOf(asked['location']);
    default:
      return allowed ? storedText(allowed) : DEFAULT_LOCATION;
  }
}

function sameIntegration(location: EventTypeLocation, asked: Record<string, unknown>): boolean {
  return location.type !== 'integration' || asked['integration'] === undefined || location['integration'] === asked['integration'];
}

function storedText(location: EventTypeLocation): string {
  switch (location.type) {
    case 'address':
      return textOf(location['address']);
    case 'link':
      return textOf(location['link']);
    case 'phone':
      return textOf(location['phone']);
    case 'integration':
      return INTEGRATIONS[textOf(location['integration'])] ?? DEFAULT_LOCATION;
    default:
      return DEFAULT_LOCATION;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A link is copied to `metadata.videoCallUrl`, which only webhooks and the old API show. */
export const videoUrlOf = (location: string): string | null => (/^https?:\/\//.test(location) ? location : null);
