/** Bounds of what people type when they book. Cal.com would refuse much of this too, but later and in its own words. */
import { z } from 'zod';
import { emailText, localeText, nameText, phoneText } from '../users/person-input.ts';

const key = z
  .string()
  .min(1, 'A mutation key has at least one character: a UUID is a good one.')
  .max(200, 'A mutation key has at most 200 characters.');
const freeText = z.string().max(2000, 'At most 2000 characters.').nullish();
const version = z.number().int().min(1, 'A version is 1 or more.').nullish();

export const BookAppointmentBounds = z.looseObject({
  clientMutationKey: key,
  durationMinutes: z.number().min(1, 'At least 1 minute.').max(1440, 'At most 1440 minutes.').nullish(),
  attendee: z.looseObject({ name: nameText, email: emailText.nullish(), phone: phoneText.nullish() }).nullish(),
  guests: z.array(emailText).max(10, 'At most 10 guests.').nullish(),
  phone: phoneText.nullish(),
  locale: localeText.nullish(),
  reason: freeText,
  recurrenceCount: z.number().min(1, 'At least 1.').max(52, 'At most 52 visits.').nullish(),
  fields: z
    .array(
      z.looseObject({
        slug: z.string().min(1, 'Which field?').max(100, 'At most 100 characters.'),
        value: z.string().max(2000, 'At most 2000 characters.'),
      }),
    )
    .max(50, 'At most 50 fields.')
    .nullish(),
});

/** Reschedule, cancel, confirm, decline. */
export const ChangeAppointmentBounds = z.looseObject({ clientMutationKey: key, reason: freeText, expectedVersion: version });

export const SetCareStateBounds = z.looseObject({ expectedVersion: version });
