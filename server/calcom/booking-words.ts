/**
 * Facts that both wire shapes state in their own way, read by one rule so that a webhook and an API answer
 * about the same booking agree.
 */

/** Slugs of Cal.com's own booking fields; everything else is a field that the clinic added. */
const SYSTEM_FIELDS = new Set([
  'name',
  'email',
  'attendeePhoneNumber',
  'smsReminderNumber',
  'aiAgentCallPhoneNumber',
  'location',
  'title',
  'notes',
  'guests',
  'rescheduleReason',
  'rescheduledReason',
]);

/**
 * The person's own words: `notes`, else the clinic's field whose slug speaks of a reason, else the first text field by
 * slug (the two sources order their fields differently). Null when nothing was written.
 */
export function reasonFrom(answers: Record<string, unknown>): string | null {
  const notes = written(answers.notes);
  if (notes !== null) return notes;
  const custom = Object.keys(answers)
    .filter((slug) => !SYSTEM_FIELDS.has(slug) && written(answers[slug]) !== null)
    .sort();
  const slug = custom.find((name) => /reason/i.test(name)) ?? custom[0];
  return slug === undefined ? null : written(answers[slug]);
}

function written(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** Flat metadata as we sent it. `videoCallUrl` is Cal.com's own, in webhooks only, and would tell the two sources apart. */
export function ourMetadata(metadata: Record<string, unknown>): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(metadata)) {
    if (key === 'videoCallUrl') continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') kept[key] = value;
  }
  return kept;
}

/**
 * Tells guests from the person who booked: guests are listed as attendees without a name. The first attendee is a guest
 * only when somebody else has a name.
 */
export function splitGuests<Person extends { name: string; email: string | null }>(
  people: readonly Person[],
  listed: readonly string[],
): { attendees: Person[]; guests: string[] } {
  const guestEmails = new Set(listed.map((email) => email.toLowerCase()));
  const somebodyIsNamed = people.some((one) => one.name !== '');
  const isGuest = (one: Person) => one.name === '' && (guestEmails.has(one.email ?? '') || somebodyIsNamed);
  for (const one of people) if (isGuest(one) && one.email !== null) guestEmails.add(one.email);
  const attendees = people.filter((one) => !isGuest(one));
  return { attendees, guests: [...guestEmails].sort() };
}
