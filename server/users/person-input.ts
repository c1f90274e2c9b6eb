/** What a name, an e-mail, a telephone number and a language may look like. Messages are for the person who typed them. */
import { z } from 'zod';

// biome-ignore lint: control characters are what is refused
const CONTROL = /\p{Cc}/u;

export const nameText = z
  .string()
  .trim()
  .min(1, 'A name is needed.')
  .max(200, 'A name has at most 200 characters.')
  .refine((text) => !CONTROL.test(text), 'A name has no line breaks.');

/** Lower case. */
export const emailText = z
  .string()
  .trim()
  .max(320, 'An e-mail address has at most 320 characters.')
  .toLowerCase()
  .pipe(z.email('This is not an e-mail address.'));

/** Kept as typed; 5 to 20 digits. */
export const phoneText = z
  .string()
  .trim()
  .max(40, 'A telephone number has at most 40 characters.')
  .refine(
    (text) => /^\+?[\d\s()./-]+$/.test(text) && (text.match(/\d/g)?.length ?? 0) >= 5 && (text.match(/\d/g)?.length ?? 0) <= 20,
    'This is not a telephone number.',
  );

/** BCP 47, the part of it that browsers send. */
export const localeText = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,3}(?:-[\da-z]{2,8})*$/i, 'A language tag is wanted, such as "en" or "de-AT".');

const person = {
  email: emailText.nullish(),
  phone: phoneText.nullish(),
  locale: localeText.nullish(),
};

const claim = (what: string) => z.string().trim().min(1, `The ${what} is needed.`).max(512, `The ${what} has at most 512 characters.`);

/** `iss` and `sub` of a token (RFC 7519). */
export const IdentityBounds = z.looseObject({ issuer: claim('issuer'), subject: claim('subject') });

export const CreatePersonBounds = z.looseObject({ name: nameText, ...person });
export const UpdatePersonBounds = z.looseObject({ name: nameText.nullish(), ...person });
