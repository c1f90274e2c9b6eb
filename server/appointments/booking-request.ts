/**
 * From what a person filled in to what Cal.com is asked for. Pure: every problem is found before anything is sent, in
 * words that a receptionist understands.
 */
import { z } from 'zod';
import type { CreateBookingRequest } from '../calcom/booking-calls.ts';
import { consultationTypeOf, durationProblem, type BookingField } from '../event-types/event-type.ts';
import type { BookableEventType } from '../event-types/event-type-store.ts';
import { eventTypeId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { BookInput } from '../services.ts';
import { isTimeZone } from '../slots/slot-window.ts';
import type { FieldProblem } from './failure.ts';

/** Whom the appointment is for. */
export interface Booker {
  /** Null: a person who is not linked to a record of ours. */
  patientId: string | null;
  name: string;
  email: string | null;
  phone: string | null;
  locale: string | null;
}

/** Languages that Cal.com accepts for an attendee (076); any other is left out, and Cal.com takes English. */
const LANGUAGES = new Set(
  'ar ca de es eu he id ja lv pl ro sr th vi az cs el es-419 fi hr it km nl pt ru sv tr zh-CN bg da en et fr hu iw ko no pt-BR sk ta uk zh-TW bn'.split(
    ' ',
  ),
);
const MOST_GUESTS = 10;
const MOST_OCCURRENCES = 52;
const LONGEST_TEXT = 2_000;

export function bookingRequest(
  input: BookInput,
  eventType: BookableEventType,
  booker: Booker,
  requestId: string,
  now: Date,
): Result<CreateBookingRequest, FieldProblem[]> {
  const problems: FieldProblem[] = [];
  const problem = (path: string, message: string) => problems.push({ path, message });

  if (input.startsAt <= now) problem('startsAt', 'This time has passed. Please choose a later one.');
  if (!isTimeZone(input.timeZone)) problem('timeZone', 'The time zone must be an IANA name such as Europe/Amsterdam.');
  const minutes = input.durationMinutes ?? eventType.durationMinutes;
  const wrongDuration = durationProblem(eventType, minutes);
  if (wrongDuration !== null) problem('durationMinutes', wrongDuration);

  const name = booker.name.trim();
  if (name === '' || name.length > 200) problem('attendee.name', 'Please give the name of the person (at most 200 characters).');
  const email = booker.email?.trim().toLowerCase() ?? null;
  if (email === null || email === '') problem('attendee.email', 'An e-mail address is needed to book this appointment.');
  else if (!isEmail(email)) problem('attendee.email', 'This is not an e-mail address.');
  const given = input.phone ?? input.attendee?.phone ?? null;
  const dialled = given === null ? dialable(booker.phone) : dialable(given);
  if (given !== null && given.trim() !== '' && dialled === null)
    problem(
      input.phone === null ? 'attendee.phone' : 'phone',
      'Please write the telephone number with its country code, for instance +31201234567.',
    );

  const guests = [...new Set(input.guests.map((guest) => guest.trim().toLowerCase()))];
  if (guests.length > MOST_GUESTS) problem('guests', `At most ${MOST_GUESTS} guests can be invited.`);
  guests.forEach((guest, index) => {
    if (!isEmail(guest)) problem(`guests.${index}`, 'This is not an e-mail address.');
  });
  if (guests.length > 0 && eventType.seats !== null)
    problem('guests', 'Guests cannot be brought to a group visit: each person books a seat.');

  if (input.recurrenceCount !== null) {
    if (!eventType.recurring) problem('recurrenceCount', 'This kind of appointment does not repeat.');
    else if (!Number.isInteger(input.recurrenceCount) || input.recurrenceCount < 1 || input.recurrenceCount > MOST_OCCURRENCES)
      problem('recurrenceCount', `The number of visits must be from 1 to ${MOST_OCCURRENCES}.`);
  }

  const place = placeFor(input, eventType, dialled);
  if (!place.ok) problems.push(place.failure);
  const answers = answersFor(input, eventType, problems);
  ownFieldProblems(eventType, { phone: dialled, reason: input.reason, guests }, problem);
  if (problems.length > 0 || !place.ok || email === null) return fail(problems);

  const language = languageOf(input.locale ?? booker.locale);
  return ok({
    eventTypeId: eventTypeId(eventType.id),
    startsAt: input.startsAt.getTime(),
    attendee: {
      name,
      email,
      timeZone: input.timeZone,
      ...(dialled === null ? {} : { phoneNumber: dialled }),
      ...(language === null ? {} : { language }),
    },
    ...(guests.length === 0 ? {} : { guests }),
    ...(eventType.durationOptions.length === 0 ? {} : { lengthInMinutes: minutes }),
    ...(input.recurrenceCount === null ? {} : { recurrenceCount: input.recurrenceCount }),
    ...(place.value === null ? {} : { location: place.value }),
    ...(Object.keys(answers).length === 0 ? {} : { bookingFieldsResponses: answers }),
    metadata: {
      fintanRequestId: requestId,
      ...(booker.patientId === null ? {} : { fintanPatientId: booker.patientId }),
      ...(input.consultationType === null ? {} : { fintanConsultationType: input.consultationType }),
    },
  });
}

/** As `+31201234567`; null when it is not written with a country code. A number in our records may be any text. */
function dialable(phone: string | null): string | null {
  const digits = phone?.replaceAll(/[\s().-]/g, '') ?? '';
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : null;
}

function isEmail(text: string): boolean {
  return text.length <= 254 && z.email().safeParse(text).success;
}

function languageOf(locale: string | null): string | null {
  if (locale === null) return null;
  if (LANGUAGES.has(locale)) return locale;
  const language = locale.split(/[-_]/)[0] ?? '';
  return LANGUAGES.has(language) ? language : null;
}

/** The place of the wished consultation type; null: the event type's own first place, which Cal.com takes by itself. */
function placeFor(
  input: BookInput,
  eventType: BookableEventType,
  phone: string | null,
): Result<Record<string, unknown> | null, FieldProblem> {
  const { consultationType } = input;
  const first = eventType.locations[0];
  if (consultationType !== null && !eventType.consultationTypes.includes(consultationType))
    return fail({ path: 'consultationType', message: 'This kind of appointment is not offered in that form.' });
  const chosen =
    consultationType === null ? first : eventType.locations.find((place) => consultationTypeOf(place.type) === consultationType);
  switch (chosen?.type) {
    case undefined:
      return ok(null);
    case 'attendeePhone':
      return phone === null
        ? fail({ path: 'phone', message: 'A telephone number is needed, because this visit takes place by telephone.' })
        : ok({ type: 'attendeePhone', phone });
    case 'integration':
      return ok(chosen === first ? null : { type: 'integration', integration: chosen?.integration ?? 'cal-video' });
    case 'address':
    case 'link':
    case 'phone':
    case 'organizersDefaultApp':
      return ok(chosen === first ? null : { type: chosen?.type });
    default:
      // attendeeAddress, attendeeDefined and kinds of later releases want words that nobody asked for yet.
      return chosen === first
        ? ok(null)
        : fail({ path: 'consultationType', message: 'That place cannot be booked here. Please call the clinic.' });
  }
}

/** Cal.com's own questions that this event type insists on; name, e-mail, place and title are always sent. */
function ownFieldProblems(
  eventType: BookableEventType,
  given: { phone: string | null; reason: string | null; guests: string[] },
  problem: (path: string, message: string) => void,
): void {
  for (const { slug, required, hidden, isDefault } of eventType.bookingFields) {
    if (!required || hidden || !isDefault) continue;
    if (slug === 'attendeePhoneNumber' && given.phone === null)
      problem('phone', 'A telephone number is needed for this kind of appointment.');
    if (slug === 'notes' && (given.reason?.trim() ?? '') === '') problem('reason', 'Please say what it is about.');
    if (slug === 'guests' && given.guests.length === 0) problem('guests', 'Somebody has to come along: please give an e-mail address.');
  }
}

function answersFor(input: BookInput, eventType: BookableEventType, problems: FieldProblem[]): Record<string, unknown> {
  const answers: Record<string, unknown> = {};
  const reason = input.reason?.trim() ?? '';
  if (reason.length > LONGEST_TEXT) problems.push({ path: 'reason', message: `Please keep the reason below ${LONGEST_TEXT} characters.` });
  if (reason !== '') answers.notes = reason;
  const ours = eventType.bookingFields.filter((field) => !field.isDefault);
  for (const { slug, value } of input.fields) {
    const path = `fields.${slug}`;
    const field = ours.find((one) => one.slug === slug);
    if (field === undefined) problems.push({ path, message: 'This question is not asked for this kind of appointment.' });
    else if (value.length > LONGEST_TEXT) problems.push({ path, message: `Please keep the answer below ${LONGEST_TEXT} characters.` });
    else if (value !== '') {
      const answer = answerTo(field, value);
      if (answer.ok) answers[slug] = answer.value;
      else problems.push({ path, message: answer.failure });
    }
  }
  for (const field of ours)
    if (
      field.required &&
      !field.hidden &&
      answers[field.slug] === undefined &&
      !problems.some((one) => one.path === `fields.${field.slug}`)
    )
      problems.push({ path: `fields.${field.slug}`, message: `Please answer "${field.label ?? field.slug}".` });
  return answers;
}

function answerTo(field: BookingField, value: string): Result<unknown, string> {
  const offered = (choice: string) => field.options === null || field.options.includes(choice);
  switch (field.type) {
    case 'number': {
      const number = Number(value);
      return Number.isFinite(number) ? ok(number) : fail('Please give a number.');
    }
    case 'boolean':
      return value === 'true' || value === 'false' ? ok(value === 'true') : fail('Please answer true or false.');
    case 'select':
    case 'radio':
      return offered(value) ? ok(value) : fail(`Please choose one of: ${(field.options ?? []).join(', ')}.`);
    case 'multiselect':
    case 'checkbox': {
      const choices = listed(value);
      return choices.every(offered) ? ok(choices) : fail(`Please choose from: ${(field.options ?? []).join(', ')}.`);
    }
    case 'multiemail':
      return listed(value).every(isEmail) ? ok(listed(value)) : fail('Please give e-mail addresses, separated by commas.');
    case 'email':
      return isEmail(value.trim()) ? ok(value.trim()) : fail('This is not an e-mail address.');
    case 'phone': {
      const number = dialable(value);
      return number === null ? fail('Please write the telephone number with its country code, for instance +31201234567.') : ok(number);
    }
    case 'url':
      return URL.canParse(value) ? ok(value) : fail('This is not a web address.');
    default:
      return ok(value);
  }
}

function listed(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
