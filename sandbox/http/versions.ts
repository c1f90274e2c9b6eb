/** `cal-api-version`: missing or unknown means the oldest, silently; a known one that a route lacks is a plain 404 (MEASURED "Errors"). */
export const OLDEST = '2024-04-15';
export const BOOKINGS = '2024-08-13';
export const EVENT_TYPES = '2024-06-14';
export const SCHEDULES = '2024-06-11';
export const SLOTS = '2024-09-04';

const KNOWN = new Set([OLDEST, SCHEDULES, EVENT_TYPES, BOOKINGS, SLOTS]);

export const versionOf = (header: string | undefined): string => (header !== undefined && KNOWN.has(header) ? header : OLDEST);
