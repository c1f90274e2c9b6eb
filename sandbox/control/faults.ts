/** What goes wrong on request. Counts say how many of the next are hit; -1 means until cleared. */
import { z } from 'zod';
import { REFUSAL_NAMES, type RefusalName } from './refusals.ts';

const count = z.int().min(-1).max(100_000);
/** Parts of the API that an installation may lack. */
export const RESOURCES = ['me', 'event-types', 'schedules', 'slots', 'reservations', 'bookings', 'webhooks'] as const;
export type Resource = (typeof RESOURCES)[number];

const milliseconds = z.int().min(0).max(60_000);

/** Body of `POST /_control/faults`; what is left out stays as it is. */
export const faultsInput = z.strictObject({
  webhooks: z
    .strictObject({
      /** Every delivery waits that long before it is sent. */
      delayMs: milliseconds.optional(),
      /** Not sent at all; the server forgets it, as upstream does. */
      drop: count.optional(),
      /** Sent twice, byte for byte. */
      duplicate: count.optional(),
      /** Held back and sent after the next delivery that is not held. */
      reorder: count.optional(),
      /** Signed with a secret that nobody knows. */
      wrongSecret: count.optional(),
    })
    .optional(),
  api: z
    .strictObject({
      tooManyRequests: count.optional(),
      /** 500 before anything is done. */
      serverError: count.optional(),
      /** The work is done, the webhooks are sent, but no answer ever comes. */
      commitThenTimeout: count.optional(),
      /** The work is done, the webhooks are sent, and the answer is 500. */
      commitThenError: count.optional(),
      delayMs: milliseconds.optional(),
      /** Connections are closed without an answer. */
      down: z.boolean().optional(),
      /** Routes that this installation does not have: 404 "Cannot GET …". */
      missing: z.array(z.enum(RESOURCES)).optional(),
      /** `cal-api-version` is not known yet: every answer has the shape of 2024-04-15. */
      oldVersion: z.boolean().optional(),
      /** Without a valid CALCOM_LICENSE_KEY every key is refused (CONTRACT 1). */
      unlicensed: z.boolean().optional(),
      /** Calls are not counted, and no answer says how many are left: not a fault, but what many starts within a minute need. */
      unlimited: z.boolean().optional(),
      /** Answers the next `count` calls of that kind with the refusal of this name (see `refusals.ts`); null ends it. */
      refuse: z
        .strictObject({ name: z.enum(REFUSAL_NAMES), count: count.default(1), hits: z.enum(['writes', 'reads', 'all']).default('writes') })
        .nullable()
        .optional(),
    })
    .optional(),
});

export interface Faults {
  webhooks: { delayMs: number; drop: number; duplicate: number; reorder: number; wrongSecret: number };
  api: {
    tooManyRequests: number;
    serverError: number;
    commitThenTimeout: number;
    commitThenError: number;
    delayMs: number;
    down: boolean;
    missing: Resource[];
    oldVersion: boolean;
    unlicensed: boolean;
    unlimited: boolean;
    refuse: Refuse | null;
  };
}

export interface Refuse {
  name: RefusalName;
  count: number;
  hits: 'writes' | 'reads' | 'all';
}

export const noFaults = (): Faults => ({
  webhooks: { delayMs: 0, drop: 0, duplicate: 0, reorder: 0, wrongSecret: 0 },
  api: {
    tooManyRequests: 0,
    serverError: 0,
    commitThenTimeout: 0,
    commitThenError: 0,
    delayMs: 0,
    down: false,
    missing: [],
    oldVersion: false,
    unlicensed: false,
    unlimited: false,
    refuse: null,
  },
});

/** Uses one up; true when the fault strikes. */
export function strikes<Key extends string>(counts: { [key in Key]: number }, key: Key): boolean {
  if (counts[key] === 0) return false;
  if (counts[key] > 0) counts[key] -= 1;
  return true;
}
