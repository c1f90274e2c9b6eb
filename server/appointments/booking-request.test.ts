import { expect, test } from 'vitest';
import type { BookableEventType } from '../event-types/event-type-store.ts';
import { consultationTypesOf } from '../event-types/event-type.ts';
import { eventTypeId } from '../kernel/ids.ts';
import type { BookInput } from '../services.ts';
import { bookingRequest, type Booker } from './booking-request.ts';

const NOW = new Date('2026-11-23T08:00:00Z');
const eventType: BookableEventType = {
  id: 7,
  clinicianId: '00000000-0000-7000-8000-000000000001',
  slug: 'visit',
  title: 'Visit',
  description: null,
  durationMinutes: 30,
  durationOptions: [],
  consultationTypes: ['IN_PERSON', 'VIDEO', 'AUDIO'],
  requiresConfirmation: false,
  hidden: false,
  seats: null,
  recurring: false,
  locations: [{ type: 'address' }, { type: 'integration', integration: 'cal-video' }, { type: 'attendeePhone' }],
  bookingFields: [
    { slug: 'notes', type: 'textarea', label: null, required: false, isDefault: true, hidden: false, options: null },
    { slug: 'side', type: 'select', label: 'Which side?', required: true, isDefault: false, hidden: false, options: ['left', 'right'] },
  ],
};
const booker: Booker = { patientId: 'p1', name: 'Mia Bakker', email: 'Mia@Example.com', phone: null, locale: 'nl-NL' };
const input: BookInput = {
  clientMutationKey: 'k',
  eventTypeId: eventTypeId(7),
  startsAt: new Date('2026-12-07T09:00:00Z'),
  timeZone: 'Europe/Amsterdam',
  durationMinutes: null,
  consultationType: null,
  patientId: null,
  attendee: null,
  guests: [],
  phone: null,
  locale: null,
  reason: null,
  recurrenceCount: null,
  holdId: null,
  fields: [{ slug: 'side', value: 'left' }],
};

const ask = (wish: Partial<BookInput>, who: Partial<Booker> = {}, type: Partial<BookableEventType> = {}) =>
  bookingRequest({ ...input, ...wish }, { ...eventType, ...type }, { ...booker, ...who }, 'r-1', NOW);
const problems = (...args: Parameters<typeof ask>) => {
  const result = ask(...args);
  return result.ok ? [] : result.failure.map((problem) => problem.path);
};
const request = (...args: Parameters<typeof ask>) => {
  const result = ask(...args);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
};

test('says what Cal.com needs, and carries our ids as text', () => {
  expect(request({ reason: ' Knee ', guests: ['B@example.com', 'b@example.com'] })).toEqual({
    eventTypeId: 7,
    startsAt: Date.parse('2026-12-07T09:00:00Z'),
    attendee: { name: 'Mia Bakker', email: 'mia@example.com', timeZone: 'Europe/Amsterdam', language: 'nl' },
    guests: ['b@example.com'],
    bookingFieldsResponses: { notes: 'Knee', side: 'left' },
    metadata: { fintanRequestId: 'r-1', fintanPatientId: 'p1' },
  });
});

test('the length is named only where there is a choice, because it is refused elsewhere', () => {
  expect(request({}, {}, { durationOptions: [15, 30] })).toMatchObject({ lengthInMinutes: 30 });
  expect(request({})).not.toHaveProperty('lengthInMinutes');
});

test('a place is named only when it is not the first one', () => {
  expect(request({ consultationType: 'IN_PERSON' })).not.toHaveProperty('location');
  expect(request({ consultationType: 'VIDEO' })).toMatchObject({
    location: { type: 'integration', integration: 'cal-video' },
    metadata: { fintanConsultationType: 'VIDEO' },
  });
  expect(request({ consultationType: 'AUDIO', phone: '+31 (0)6-123'.replace('(0)', '') + '45678' })).toMatchObject({
    location: { type: 'attendeePhone', phone: '+31612345678' },
  });
});

test('a visit by telephone needs a number; one in the records that cannot be dialled does not disturb other visits', () => {
  expect(problems({ consultationType: 'AUDIO' })).toEqual(['phone']);
  expect(problems({ consultationType: 'AUDIO' }, { phone: '0612345678' })).toEqual(['phone']);
  expect(request({}, { phone: 'ask her son' }).attendee).not.toHaveProperty('phoneNumber');
  expect(request({}, { phone: '+31612345678' }).attendee.phoneNumber).toBe('+31612345678');
  expect(problems({ phone: '0612345678' })).toEqual(['phone']);
});

test('a language that Cal.com refuses is left out', () => {
  expect(request({ locale: 'tlh' }).attendee).not.toHaveProperty('language');
  expect(request({ locale: 'pt-BR' }).attendee.language).toBe('pt-BR');
});

test('questions of the clinic are answered, by their kind, and no others', () => {
  expect(problems({ fields: [] })).toEqual(['fields.side']);
  expect(problems({ fields: [{ slug: 'side', value: 'up' }] })).toEqual(['fields.side']);
  expect(problems({ fields: [...input.fields, { slug: 'notes', value: 'x' }] })).toEqual(['fields.notes']);
});

test('series, guests and seats only where the event type has them', () => {
  expect(problems({ recurrenceCount: 3 })).toEqual(['recurrenceCount']);
  expect(request({ recurrenceCount: 3 }, {}, { recurring: true }).recurrenceCount).toBe(3);
  expect(problems({ recurrenceCount: 0 }, {}, { recurring: true })).toEqual(['recurrenceCount']);
  expect(problems({ guests: ['b@example.com'] }, {}, { seats: 4 })).toEqual(['guests']);
});

test('places tell the kind of consultation, without any it is by video', () => {
  expect(consultationTypesOf([])).toEqual(['VIDEO']);
  expect(consultationTypesOf([{ type: 'attendeePhone' }, { type: 'phone' }, { type: 'link' }, { type: 'attendeeAddress' }])).toEqual([
    'AUDIO',
    'VIDEO',
    'IN_PERSON',
  ]);
});

test('questions of each kind are checked before Cal.com is asked', () => {
  const asking = (type: string, options: string[] | null = null) => ({
    bookingFields: [{ slug: 'q', type, label: 'Q', required: true, isDefault: false, hidden: false, options }],
  });
  const answered = (type: string, value: string, options: string[] | null = null) => {
    const result = ask({ fields: [{ slug: 'q', value }] }, {}, asking(type, options));
    return result.ok ? result.value.bookingFieldsResponses?.q : result.failure;
  };
  const wrong = (message: string) => [{ path: 'fields.q', message }];
  expect(answered('number', '3')).toBe(3);
  expect(answered('number', 'three')).toEqual(wrong('Please give a number.'));
  expect(answered('boolean', 'true')).toBe(true);
  expect(answered('checkbox', 'a, b', ['a', 'b'])).toEqual(['a', 'b']);
  expect(answered('phone', '+31 20 123 4567')).toBe('+31201234567');
  expect(answered('phone', '020 123')).toEqual(
    wrong('Please write the telephone number with its country code, for instance +31201234567.'),
  );
  expect(answered('email', 'nobody')).toEqual(wrong('This is not an e-mail address.'));
  expect(answered('multiemail', 'a@example.com, b@example.com')).toEqual(['a@example.com', 'b@example.com']);
  expect(answered('url', 'no')).toEqual(wrong('This is not a web address.'));
  expect(answered('text', '')).toEqual(wrong('Please answer "Q".'));
  expect(problems({ fields: [{ slug: 'other', value: 'x' }] }, {}, asking('text'))).toEqual(['fields.other', 'fields.q']);
});

test("Cal.com's own questions are asked for where the event type insists", () => {
  const insisting = (slug: string, hidden = false) => ({
    bookingFields: [{ slug, type: 'text', label: null, required: true, isDefault: true, hidden, options: null }],
  });
  expect(problems({ fields: [] }, {}, insisting('attendeePhoneNumber'))).toEqual(['phone']);
  expect(problems({ fields: [] }, { phone: '+31612345678' }, insisting('attendeePhoneNumber'))).toEqual([]);
  expect(problems({ fields: [] }, {}, insisting('notes'))).toEqual(['reason']);
  expect(problems({ fields: [] }, {}, insisting('guests'))).toEqual(['guests']);
  expect(problems({ fields: [] }, {}, insisting('title', true))).toEqual([]);
});
