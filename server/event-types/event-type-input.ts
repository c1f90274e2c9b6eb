/** What an admin may say about an event type: bounds for the person, and the body for Cal.com. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { ConsultationType } from '../appointments/appointment.ts';
import type { FieldProblem } from '../appointments/failure.ts';
import type { EventTypeRequest } from '../calcom/event-type-calls.ts';
import { unreachable } from '../kernel/result.ts';
import type { EventTypeFacts } from './event-type.ts';

const LONGEST_MINUTES = 1_440;
const MOST_SEATS = 1_000;

export interface EventTypePlace {
  consultationType: ConsultationType;
  /** Address of a visit in person, number to call; null: the patient's number, Cal.com's own video. */
  detail: string | null;
}

/** In an update, what is absent stays. */
export interface EventTypeWish {
  title?: string;
  slug?: string;
  /** Empty takes it away. */
  description?: string;
  durationMinutes?: number;
  /** Empty: the usual length only. */
  durationOptions?: number[];
  places?: EventTypePlace[];
  requiresConfirmation?: boolean;
  hidden?: boolean;
  /** Null: for one person. */
  seats?: number | null;
}

const minutes = z.int().min(1, 'At least a minute.').max(LONGEST_MINUTES, 'At most a day.');
const title = z.string().trim().min(1, 'Give it a name.').max(200, 'A name has at most 200 characters.');
const slug = z
  .string()
  .max(100, 'A short name has at most 100 characters.')
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'A short name is made of small letters, digits and single hyphens, for instance "first-visit".');

const optional = {
  description: z.string().max(5_000, 'A description has at most 5000 characters.').nullish(),
  durationOptions: z.array(minutes).max(10, 'At most ten lengths.').nullish(),
  places: z
    .array(z.looseObject({ detail: z.string().trim().max(300, 'At most 300 characters.').nullish() }))
    .max(10, 'At most ten places.')
    .nullish(),
  seats: z.int().min(2, 'A group has at least two seats.').max(MOST_SEATS, `At most ${MOST_SEATS} seats.`).nullish(),
};

export const CreateEventTypeBounds = z.looseObject({ title, slug, durationMinutes: minutes, ...optional });
export const UpdateEventTypeBounds = z.looseObject({
  title: title.nullish(),
  slug: slug.nullish(),
  durationMinutes: minutes.nullish(),
  ...optional,
});

/** What contradicts itself, or what is there already. */
export function wishProblems(wish: EventTypeWish, before: EventTypeFacts | null): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const usual = wish.durationMinutes ?? before?.durationMinutes;
  const options = wish.durationOptions ?? before?.durationOptions ?? [];
  if (options.length > 0 && usual !== undefined && !options.includes(usual))
    problems.push({ path: 'durationOptions', message: `The lengths to choose from must contain the usual one, ${usual} minutes.` });
  for (const [index, place] of (wish.places ?? []).entries()) {
    const path = `places.${index}.detail`;
    if (place.consultationType === 'IN_PERSON' && (place.detail ?? '') === '')
      problems.push({ path, message: 'Give the address of the visit.' });
    if (place.consultationType === 'AUDIO' && (place.detail ?? '') !== '' && !/^\+\d{7,15}$/.test(place.detail ?? ''))
      problems.push({ path, message: 'Give the number with its country, for instance +31205550142, or none to call the patient.' });
    if (place.consultationType === 'VIDEO' && (place.detail ?? '') !== '')
      problems.push({ path, message: 'A video visit has no address.' });
  }
  if (wish.seats != null && (before?.recurring ?? false))
    problems.push({ path: 'seats', message: 'A series is for one person: it cannot have seats.' });
  return problems;
}

export function eventTypeRequest(wish: EventTypeWish): Partial<EventTypeRequest> {
  return {
    ...(wish.title === undefined ? {} : { title: wish.title.trim() }),
    ...(wish.slug === undefined ? {} : { slug: wish.slug }),
    ...(wish.description === undefined ? {} : { description: wish.description.trim() }),
    ...(wish.durationMinutes === undefined ? {} : { lengthInMinutes: wish.durationMinutes }),
    ...(wish.durationOptions === undefined ? {} : { lengthInMinutesOptions: [...new Set(wish.durationOptions)].sort((a, b) => a - b) }),
    ...(wish.places === undefined ? {} : { locations: wish.places.map(locationOf) }),
    ...(wish.requiresConfirmation === undefined
      ? {}
      : {
          confirmationPolicy: wish.requiresConfirmation ? { type: 'always', blockUnconfirmedBookingsInBooker: false } : { disabled: true },
        }),
    ...(wish.seats === undefined ? {} : { seats: seatsOf(wish.seats) }),
    ...(wish.hidden === undefined ? {} : { hidden: wish.hidden }),
  };
}

/** Whether everything that was wished for is so; of places, the ways to meet. */
export function isAsWished(facts: EventTypeFacts, wish: EventTypeWish): boolean {
  const { places, description, title: name, durationOptions, ...plain } = wish;
  const wished: Partial<EventTypeFacts> = {
    ...plain,
    ...(name === undefined ? {} : { title: name.trim() }),
    ...(description === undefined ? {} : { description: description.trim() === '' ? null : description.trim() }),
    ...(durationOptions === undefined ? {} : { durationOptions: [...new Set(durationOptions)].sort((a, b) => a - b) }),
    ...(places === undefined ? {} : { consultationTypes: [...new Set(places.map(({ consultationType }) => consultationType))] }),
  };
  return isDeepStrictEqual({ ...facts, ...wished }, facts);
}

function locationOf({ consultationType, detail }: EventTypePlace): Record<string, unknown> {
  switch (consultationType) {
    case 'VIDEO':
      return { type: 'integration', integration: 'cal-video' };
    case 'AUDIO':
      return (detail ?? '') === '' ? { type: 'attendeePhone' } : { type: 'phone', phone: detail, public: true };
    case 'IN_PERSON':
      return { type: 'address', address: detail?.trim(), public: true };
    default:
      return unreachable(consultationType);
  }
}

/** Who else is in a group is nobody's business (ARCHITECTURE "Data"). */
function seatsOf(seats: number | null): Record<string, unknown> {
  return seats === null ? { disabled: true } : { seatsPerTimeSlot: seats, showAttendeeInfo: false, showAvailabilityCount: true };
}
