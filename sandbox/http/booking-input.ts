/** Bodies and queries of the bookings routes, from the wire to the engine's terms. */
import { badRequest, filtered, notFound, type PropertyProblem, propertyFailure, validatorFailure } from '../engine/api-failure.ts';
import type { BookRequest } from '../engine/book.ts';
import type { LocationInput } from '../engine/location.ts';
import { BOOKING_VIEWS, type BookingQuery, type BookingViewName } from '../engine/list-bookings.ts';
import { parseIso } from '../engine/instant.ts';
import type { EventTypeRow, Metadata } from '../engine/records.ts';
import type { World } from '../engine/world.ts';
import { isRecord, propertyChecks, validatorError } from './property-checks.ts';

type Body = Record<string, unknown>;

const LANGUAGES =
  'ar, ca, de, es, eu, he, id, ja, lv, pl, ro, sr, th, vi, az, cs, el, es-419, fi, hr, it, km, nl, pt, ru, sv, tr, zh-CN, bg, da, en, et, fr, hu, iw, ko, no, pt-BR, sk, ta, uk, zh-TW, bn';

const CREATE_FIELDS = [
  'start',
  'attendee',
  'bookingFieldsResponses',
  'eventTypeId',
  'eventTypeSlug',
  'username',
  'teamSlug',
  'organizationSlug',
  'guests',
  'meetingUrl',
  'location',
  'metadata',
  'lengthInMinutes',
  'routing',
  'recurrenceCount',
  'instant',
] as const;
const ATTENDEE_FIELDS = ['name', 'email', 'timeZone', 'phoneNumber', 'language'] as const;

/** @throws ApiFailure 400 for the body, 404 for the event type. */
export function bookInput(world: World, body: Body): BookRequest {
  const checks = propertyChecks();
  checks.unknown(body, CREATE_FIELDS);
  const start = checks.iso('start', body['start']);
  const attendee = isRecord(body['attendee']) ? body['attendee'] : undefined;
  if (attendee) {
    const children = attendeeProblems(attendee);
    if (children.length > 0) checks.problems.push({ property: 'attendee', children });
  } else checks.complain('attendee', 'attendee should not be null or undefined');
  if (body['metadata'] !== undefined && !isMetadata(body['metadata'])) {
    checks.complain(
      'metadata',
      'Metadata must have at most 50 keys, each key up to 40 characters, and string values up to 500 characters.',
    );
  }
  if (checks.problems.length > 0 || start === undefined || !attendee) throw propertyFailure(checks.problems);

  const eventType = eventTypeFor(world, body);
  const email = typeof attendee['email'] === 'string' ? attendee['email'] : undefined;
  if (email === undefined) throw filtered(400, 'BAD_REQUEST', 'responses - {email}error_required_field, ');
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw filtered(400, 'BAD_REQUEST', 'responses - {email}email_validation_error, ');
  const location = body['location'];
  return {
    eventType,
    // Seconds are kept, fractions are not (228).
    start: Math.floor(start / 1000) * 1000,
    booker: {
      name: text(attendee['name']) ?? '',
      email,
      phoneNumber: typeof attendee['phoneNumber'] === 'string' ? attendee['phoneNumber'] : null,
      timeZone: text(attendee['timeZone']) ?? 'UTC',
      locale: typeof attendee['language'] === 'string' ? attendee['language'] : 'en',
    },
    guests: Array.isArray(body['guests']) ? body['guests'].filter((guest): guest is string => typeof guest === 'string') : [],
    fields: isRecord(body['bookingFieldsResponses']) ? body['bookingFieldsResponses'] : {},
    metadata: (body['metadata'] as Metadata | undefined) ?? {},
    location: typeof location === 'string' || isLocation(location) ? location : undefined,
    length: typeof body['lengthInMinutes'] === 'number' ? body['lengthInMinutes'] : undefined,
    recurrenceCount: typeof body['recurrenceCount'] === 'number' ? body['recurrenceCount'] : undefined,
  };
}

const isLocation = (value: unknown): value is Exclude<LocationInput, string> => isRecord(value) && typeof value['type'] === 'string';

function attendeeProblems(attendee: Body): PropertyProblem[] {
  const checks = propertyChecks();
  checks.unknown(attendee, ATTENDEE_FIELDS);
  if (typeof attendee['name'] !== 'string') checks.complain('name', 'name must be a string');
  checks.timeZone('timeZone', attendee['timeZone']);
  if (attendee['email'] === undefined && attendee['phoneNumber'] === undefined) {
    checks.complain('attendee email or phone', 'Attendee must have at least one contact method (email or phone number)');
  }
  if (
    attendee['phoneNumber'] !== undefined &&
    !(typeof attendee['phoneNumber'] === 'string' && /^\+[1-9]\d{6,14}$/.test(attendee['phoneNumber']))
  ) {
    checks.complain('phoneNumber', 'phoneNumber must match the format of an international phone number starting with +');
  }
  if (attendee['language'] !== undefined && !LANGUAGES.split(', ').includes(text(attendee['language']) ?? '')) {
    checks.complain('language', `language must be one of the following values: ${LANGUAGES}`);
  }
  return checks.problems;
}

/** At most 50 keys of 40 characters; texts of 500; numbers and booleans pass; nothing nested (230). */
function isMetadata(value: unknown): value is Metadata {
  if (!isRecord(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= 50 &&
    entries.every(
      ([key, entry]) =>
        key.length <= 40 && (typeof entry === 'number' || typeof entry === 'boolean' || (typeof entry === 'string' && entry.length <= 500)),
    )
  );
}

function eventTypeFor(world: World, body: Body): EventTypeRow {
  if (body['eventTypeId'] !== undefined) {
    const id = Number(body['eventTypeId']);
    const eventType = world.store.get('eventTypes', id);
    if (!eventType) throw notFound(`Event type with id ${id} not found.`);
    return eventType;
  }
  const slug = body['eventTypeSlug'];
  const username = body['username'];
  if (typeof slug !== 'string' || typeof username !== 'string') {
    throw badRequest('Either eventTypeId or eventTypeSlug + username or eventTypeSlug + teamSlug must be provided');
  }
  const owner = world.store.all('users').find((user) => user.username === username);
  const eventType = world.store.all('eventTypes').find((row) => row.slug === slug && row.ownerId === owner?.id);
  if (!eventType) throw notFound(`Event type with slug ${slug} belonging to user ${username} not found.`);
  return eventType;
}

export interface RescheduleInput {
  start: number;
  reason: string | undefined;
  rescheduledBy: string | undefined;
  seatUid: string | undefined;
}

/** A body with `seatUid` is another input class and knows fewer fields. */
export function rescheduleInput(body: Body): RescheduleInput {
  const checks = propertyChecks();
  checks.unknown(body, 'seatUid' in body ? ['start', 'seatUid'] : ['start', 'reschedulingReason', 'rescheduledBy']);
  const start = checks.iso('start', body['start']);
  if (checks.problems.length > 0 || start === undefined) throw propertyFailure(checks.problems);
  return {
    start: Math.floor(start / 1000) * 1000,
    reason: text(body['reschedulingReason']),
    rescheduledBy: text(body['rescheduledBy']),
    seatUid: text(body['seatUid']),
  };
}

export interface CancelInput {
  reason: string | undefined;
  cancelSubsequent: boolean;
  seatUid: string | undefined;
}

export function cancelInput(body: Body): CancelInput {
  const checks = propertyChecks();
  checks.unknown(body, 'seatUid' in body ? ['seatUid'] : ['cancellationReason', 'cancelSubsequentBookings']);
  if (checks.problems.length > 0) throw propertyFailure(checks.problems);
  return {
    reason: text(body['cancellationReason']),
    cancelSubsequent: body['cancelSubsequentBookings'] === true,
    seatUid: text(body['seatUid']),
  };
}

export interface AbsentInput {
  host: boolean | undefined;
  attendees: { email: string; absent: boolean }[] | undefined;
}

export function absentInput(body: Body): AbsentInput {
  const checks = propertyChecks();
  checks.unknown(body, ['host', 'attendees']);
  if (checks.problems.length > 0) throw propertyFailure(checks.problems);
  const attendees = Array.isArray(body['attendees'])
    ? body['attendees'].filter(isRecord).map((entry) => ({ email: text(entry['email']) ?? '', absent: entry['absent'] === true }))
    : undefined;
  return { host: typeof body['host'] === 'boolean' ? body['host'] : undefined, attendees };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const SORTS = { sortStart: 'startTime', sortEnd: 'endTime', sortCreated: 'createdAt', sortUpdatedAt: 'updatedAt' } as const;
const TIMES = ['afterStart', 'beforeEnd', 'afterCreatedAt', 'beforeCreatedAt', 'afterUpdatedAt', 'beforeUpdatedAt'] as const;

/** Unknown parameters are ignored (MEASURED 346). @throws ApiFailure 400 in class-validator's shape (115–117). */
export function listQuery(query: URLSearchParams): BookingQuery {
  const statuses = query.get('status')?.split(',') ?? [];
  const invalid = statuses.some((status) => !isViewName(status));
  const target: Body = {
    ...(statuses.length > 0 && { status: statuses }),
    ...(query.has('take') && { take: Number(query.get('take')) }),
    ...(query.has('skip') && { skip: Number(query.get('skip')) }),
    ...Object.fromEntries(TIMES.filter((name) => query.has(name)).map((name) => [name, query.get(name)])),
  };
  const complaints = [
    ...(invalid ? [validatorError(target, 'status', { isEnum: `Invalid status. Allowed are ${BOOKING_VIEWS.join(', ')}` })] : []),
    ...range(target, 'take', 1, 250),
    ...range(target, 'skip', 0, Infinity),
    ...TIMES.filter((name) => query.has(name) && parseIso(query.get(name)) === undefined).map((name) =>
      validatorError(target, name, { isISO8601: `${name} must be a valid ISO 8601 date string` }),
    ),
  ];
  if (complaints.length > 0) throw validatorFailure(complaints);

  const sortName = (Object.keys(SORTS) as (keyof typeof SORTS)[]).find((name) => query.has(name));
  const eventTypeIds = query.get('eventTypeIds') ?? query.get('eventTypeId');
  return {
    views: statuses.filter(isViewName),
    // A bare plus has become a space on the way and is repaired (CONTRACT 4).
    ...optional('attendeeEmail', query.get('attendeeEmail')?.replaceAll(' ', '+')),
    ...optional('attendeeName', query.get('attendeeName')),
    ...optional('bookingUid', query.get('bookingUid')),
    ...optional('eventTypeIds', eventTypeIds?.split(',').map(Number)),
    ...Object.fromEntries(TIMES.filter((name) => query.has(name)).map((name) => [name, parseIso(query.get(name))])),
    ...(sortName && { sort: { key: SORTS[sortName], descending: query.get(sortName) === 'desc' } }),
    take: query.has('take') ? Number(query.get('take')) : 100,
    skip: Number(query.get('skip') ?? 0),
  };
}

const isViewName = (status: string): status is BookingViewName => BOOKING_VIEWS.some((view) => view === status);

function range(target: Body, property: string, least: number, most: number): ReturnType<typeof validatorError>[] {
  const value = target[property];
  if (typeof value !== 'number') return [];
  const constraints = {
    ...(!(value >= least) && { min: `${property} must not be less than ${least}` }),
    ...(value > most && { max: `${property} must not be greater than ${most}` }),
  };
  return Object.keys(constraints).length > 0 ? [validatorError(target, property, constraints)] : [];
}

function optional<Key extends string, Value>(key: Key, value: Value | null | undefined): { [name in Key]?: Value } {
  return (value === null || value === undefined ? {} : { [key]: value }) as { [name in Key]?: Value };
}
