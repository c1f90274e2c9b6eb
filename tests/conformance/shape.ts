/** Whether an answer of another server has the recorded form: the same envelope, fields and types, whatever the values. */
import { isRecord } from './id-map.ts';

/** Missing fields and changed types; fields that the recording lacks are fine, as is null beside a value. An empty list says nothing. */
export function shapeDifferences(recorded: unknown, actual: unknown, at = ''): string[] {
  if (recorded === null || actual === null || actual === undefined) return [];
  if (Array.isArray(recorded)) {
    if (!Array.isArray(actual)) return [`${at}: a list became ${typeof actual}`];
    const [model] = recorded as unknown[];
    return model === undefined ? [] : actual.flatMap((item) => shapeDifferences(model, item, `${at}[]`));
  }
  if (isRecord(recorded)) {
    if (!isRecord(actual)) return [`${at}: an object became ${typeof actual}`];
    if (KEYED_BY_DATA.test(at)) return [];
    const [day] = Object.keys(recorded).filter((key) => /^\d{4}-\d{2}-\d{2}$/.test(key));
    if (day !== undefined) return Object.entries(actual).flatMap(([key, value]) => shapeDifferences(recorded[day], value, `${at}.${key}`));
    return Object.entries(recorded).flatMap(([name, value]) =>
      name in actual ? shapeDifferences(value, actual[name], `${at}.${name}`) : OPTIONAL.has(name) ? [] : [`${at}.${name}: missing`],
    );
  }
  return typeof recorded === typeof actual ? [] : [`${at}: ${typeof recorded} became ${typeof actual}`];
}

/** Objects whose keys are data (metadata, answers of a form) or depend on a choice (policies, windows). */
const KEYED_BY_DATA =
  /(?:metadata|bookingFieldsResponses|responses|details|locations\[\]|bookingFields\[\]|confirmationPolicy|bookingWindow|seats)$/;

/** Present only on some rows. */
const OPTIONAL = new Set([
  'guests',
  'rescheduledFromUid',
  'rescheduledToUid',
  'reschedulingReason',
  'rescheduledByEmail',
  'cancellationReason',
  'cancelledByEmail',
  'recurringBookingUid',
  'bookingFieldsResponses',
  'metadata',
  'lengthInMinutesOptions',
]);
