/** Event types, version 2024-06-14 and the list of 2024-04-15. */
import { badRequest, filtered, notFound, type ValidatorError, validatorFailure } from '../../engine/api-failure.ts';
import type { BookingWindow, CustomField, EventTypeLocation, EventTypeRow, Recurrence, Seats } from '../../engine/records.ts';
import type { World } from '../../engine/world.ts';
import { type Call, caller, type Route, type RouteAnswer, success } from '../exchange.ts';
import { isRecord, validatorError } from '../property-checks.ts';
import { EVENT_TYPES, OLDEST } from '../versions.ts';
import { eventTypeView } from '../views/event-type-view.ts';
import { legacyEventTypeGroups, legacyEventTypeView } from '../views/legacy-event-type-view.ts';

const versions = [EVENT_TYPES];

export const eventTypeRoutes: Route[] = [
  { method: 'GET', path: '/v2/event-types', versions, access: 'none', handle: listEventTypes },
  { method: 'POST', path: '/v2/event-types', versions, access: 'required', handle: createEventType },
  {
    method: 'GET',
    path: '/v2/event-types/:id',
    versions,
    access: 'required',
    handle: (call) => success(eventTypeView(ownEventType(call), caller(call), 'one')),
  },
  { method: 'PATCH', path: '/v2/event-types/:id', versions, access: 'required', handle: updateEventType },
  { method: 'DELETE', path: '/v2/event-types/:id', versions, access: 'required', handle: deleteEventType },
  {
    method: 'GET',
    path: '/v2/event-types',
    versions: [OLDEST],
    access: 'required',
    handle: (call) => success(legacyEventTypeGroups(caller(call), ownedBy(call.world, caller(call).id), call.world.bookerUrl)),
  },
  {
    method: 'GET',
    path: '/v2/event-types/:id',
    versions: [OLDEST],
    access: 'required',
    handle: (call) => success({ eventType: legacyEventTypeView(ownEventType(call), caller(call)) }),
  },
];

const ownedBy = (world: World, userId: number): EventTypeRow[] => world.store.all('eventTypes').filter((row) => row.ownerId === userId);

/** By username only; without one the list is never found, not even with a key (012). Hidden ones are shown to everybody. */
function listEventTypes({ world, query }: Call): RouteAnswer {
  const owner = world.store.all('users').find((user) => user.username === query.get('username'));
  const slug = query.get('eventSlug');
  const rows = owner ? ownedBy(world, owner.id).filter((row) => slug === null || row.slug === slug) : [];
  if (!owner || rows.length === 0) throw notFound('Event types not found');
  return success(rows.map((row) => eventTypeView(row, owner, 'list')));
}

/** @throws ApiFailure 404 for another's, 500 for an id that is no number (022, 023). */
function ownEventType(call: Call): EventTypeRow {
  const id = Number(call.params['id']);
  if (!Number.isInteger(id)) throw filtered(500, 'INTERNAL_SERVER_ERROR', 'There was an error, please try again later.');
  const row = call.world.store.get('eventTypes', id);
  if (!row || row.ownerId !== caller(call).id) throw notFound(`Event type with id ${id} not found`);
  return row;
}

function createEventType(call: Call): RouteAnswer {
  const { world, body } = call;
  const owner = caller(call);
  const errors = [
    ...lengthErrors(body),
    ...['title', 'slug'].flatMap((name): ValidatorError[] =>
      typeof body[name] === 'string' ? [] : [validatorError(body, name, { isString: `${name} must be a string` })],
    ),
  ];
  if (errors.length > 0) throw validatorFailure(errors);
  checkSlug(world, owner.id, String(body['slug']));
  const row: EventTypeRow = {
    id: world.store.nextId('eventType'),
    ownerId: owner.id,
    slug: '',
    title: '',
    description: '',
    length: 0,
    lengthOptions: null,
    locations: [],
    customFields: [],
    recurrence: null,
    slotInterval: null,
    minimumBookingNotice: 120,
    beforeEventBuffer: 0,
    afterEventBuffer: 0,
    requiresConfirmation: false,
    blockUnconfirmed: false,
    seats: null,
    bookingWindow: { disabled: true },
    hidden: false,
    disableGuests: false,
    scheduleId: null,
    price: 0,
    currency: 'usd',
    ...changesOf(body),
  };
  world.store.put('eventTypes', row);
  world.store.commit();
  return success(eventTypeView(row, owner, 'created'), 201);
}

function updateEventType(call: Call): RouteAnswer {
  const { world, body } = call;
  const row = ownEventType(call);
  const errors = body['lengthInMinutes'] === undefined ? [] : lengthErrors(body);
  if (errors.length > 0) throw validatorFailure(errors);
  if (typeof body['slug'] === 'string' && body['slug'] !== row.slug) checkSlug(world, row.ownerId, body['slug']);
  const changed = { ...row, ...changesOf(body) };
  world.store.put('eventTypes', changed);
  world.store.commit();
  return success(eventTypeView(changed, caller(call), 'one'));
}

/** Its bookings stay and lose it (MEASURED 360, 361). */
function deleteEventType(call: Call): RouteAnswer {
  const { world } = call;
  const row = ownEventType(call);
  world.store.remove('eventTypes', row.id);
  for (const booking of world.store.all('bookings')) {
    if (booking.eventTypeId === row.id) world.store.put('bookings', { ...booking, eventTypeId: null });
  }
  for (const webhook of world.store.all('webhooks')) {
    if (webhook.eventTypeId === row.id) world.store.remove('webhooks', webhook.id);
  }
  world.store.commit();
  return success({ id: row.id, lengthInMinutes: row.length, title: row.title, slug: row.slug });
}

function checkSlug(world: World, ownerId: number, slug: string): void {
  if (ownedBy(world, ownerId).some((row) => row.slug === slug)) throw badRequest('User already has an event type with this slug.');
}

function lengthErrors(body: Record<string, unknown>): ValidatorError[] {
  const value = body['lengthInMinutes'];
  const constraints = {
    ...(!(typeof value === 'number' && value >= 1) && { min: 'lengthInMinutes must not be less than 1' }),
    ...(!Number.isInteger(value) && { isInt: 'lengthInMinutes must be an integer number' }),
  };
  return Object.keys(constraints).length > 0 ? [validatorError(body, 'lengthInMinutes', constraints)] : [];
}

/** What the body says, in the row's terms. */
function changesOf(body: Record<string, unknown>): Partial<EventTypeRow> {
  const changes: Partial<EventTypeRow> = {};
  if (typeof body['slug'] === 'string') changes.slug = body['slug'];
  if (typeof body['title'] === 'string') changes.title = body['title'];
  if (typeof body['description'] === 'string') changes.description = body['description'];
  if (typeof body['lengthInMinutes'] === 'number') changes.length = body['lengthInMinutes'];
  if (Array.isArray(body['lengthInMinutesOptions']))
    changes.lengthOptions = body['lengthInMinutesOptions'].length === 0 ? null : body['lengthInMinutesOptions'].map(Number);
  if (Array.isArray(body['locations'])) changes.locations = body['locations'].filter(isRecord) as EventTypeLocation[];
  if (Array.isArray(body['bookingFields'])) changes.customFields = body['bookingFields'].filter(isRecord).flatMap(customField);
  if (isRecord(body['recurrence']))
    changes.recurrence = body['recurrence']['disabled'] === true ? null : (body['recurrence'] as unknown as Recurrence);
  if (typeof body['slotInterval'] === 'number') changes.slotInterval = body['slotInterval'];
  if (typeof body['minimumBookingNotice'] === 'number') changes.minimumBookingNotice = body['minimumBookingNotice'];
  if (typeof body['beforeEventBuffer'] === 'number') changes.beforeEventBuffer = body['beforeEventBuffer'];
  if (typeof body['afterEventBuffer'] === 'number') changes.afterEventBuffer = body['afterEventBuffer'];
  if (isRecord(body['confirmationPolicy'])) {
    changes.requiresConfirmation = body['confirmationPolicy']['disabled'] !== true;
    changes.blockUnconfirmed = body['confirmationPolicy']['blockUnconfirmedBookingsInBooker'] === true;
  }
  if (isRecord(body['seats'])) changes.seats = body['seats']['disabled'] === true ? null : (body['seats'] as unknown as Seats);
  if (isRecord(body['bookingWindow'])) changes.bookingWindow = body['bookingWindow'] as unknown as BookingWindow;
  if (typeof body['hidden'] === 'boolean') changes.hidden = body['hidden'];
  if (typeof body['disableGuests'] === 'boolean') changes.disableGuests = body['disableGuests'];
  if (typeof body['scheduleId'] === 'number') changes.scheduleId = body['scheduleId'];
  return changes;
}

const DEFAULT_FIELDS = ['name', 'email', 'title', 'location', 'notes', 'guests', 'rescheduleReason'];

function customField(field: Record<string, unknown>): CustomField[] {
  if (typeof field['slug'] !== 'string' || DEFAULT_FIELDS.includes(field['slug'])) return [];
  return [
    {
      type: textOr(field['type'], 'text'),
      slug: field['slug'],
      label: textOr(field['label'], field['slug']),
      required: field['required'] === true,
      ...(typeof field['placeholder'] === 'string' && { placeholder: field['placeholder'] }),
      ...(Array.isArray(field['options']) && { options: field['options'].map(String) }),
    },
  ];
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
