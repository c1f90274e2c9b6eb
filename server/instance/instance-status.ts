/**
 * What is known of the Cal.com in use, as of the last check, and what is wrong with it. Ids of ours, words and counts: no
 * personal data, so that it can be stored, shown in health and sent to a colleague.
 */
import { z } from 'zod';
import { resources } from '../calcom/capabilities.ts';
import type { UserId } from '../kernel/ids.ts';

const ownerStatus = z.object({
  ownerId: z.string().transform((id) => id as UserId),
  key: z.enum(['ACCEPTED', 'REFUSED', 'UNLICENSED', 'RATE_LIMITED', 'UNREACHABLE']),
  /** Whether the key still belongs to whom it belonged when it was first used. */
  identity: z.enum(['SAME', 'OTHER', 'UNKNOWN']),
  webhook: z.object({
    /** False: it could not be looked at. */
    known: z.boolean(),
    /** The sweep found changes that no webhook had told, and none has come since. */
    silent: z.boolean(),
    problems: z.array(z.enum(['MISSING', 'INACTIVE', 'TRIGGERS', 'SECRET', 'TEMPLATE', 'DUPLICATE', 'EVENT_TYPE'])),
  }),
});
export type OwnerStatus = z.output<typeof ownerStatus>;

export const instanceStatus = z.object({
  checkedAt: z.iso.datetime(),
  reachable: z.boolean(),
  /** Of Cal.com's web application; API v2 does not tell. */
  version: z.string().nullable(),
  clockSkewMs: z.number().nullable(),
  resources: z.array(
    z.object({
      resource: z.enum(resources),
      state: z.enum(['AVAILABLE', 'MISSING', 'OTHER_SHAPE', 'REFUSED', 'FAILED']),
      status: z.number().nullable(),
    }),
  ),
  owners: z.array(ownerStatus),
  /** CALCOM_API_KEY, when it could not be bound to a clinician; null when there is none, or when it was. */
  sharedKey: z.enum(['ACCEPTED', 'REFUSED', 'UNLICENSED', 'RATE_LIMITED', 'UNREACHABLE']).nullable(),
  /** Bookings of ours that were looked for by uid, and how many of them are unknown there. */
  bookings: z.object({ asked: z.number(), missing: z.number() }),
  /** False: WEBHOOK_ENDPOINT is not set, so nothing can be said about registrations. */
  endpointKnown: z.boolean(),
  meetings: z.object({
    /** Last MEETING_STARTED or MEETING_ENDED received. */
    lastSeenAt: z.iso.datetime().nullable(),
    cron: z.enum(['RUNS', 'SILENT', 'UNKNOWN']),
  }),
});
export type InstanceStatus = z.output<typeof instanceStatus>;

/** What this installation offers. What is not known yet counts as there: the call itself then tells. */
export interface Features {
  reservations: boolean;
  webhooks: boolean;
  schedules: boolean;
}

export function featuresOf(status: InstanceStatus | null): Features {
  const has = (name: (typeof resources)[number]) => status?.resources.find(({ resource }) => resource === name)?.state !== 'MISSING';
  return { reservations: has('reservations'), webhooks: has('webhooks'), schedules: has('schedules') };
}

/**
 * Another Cal.com answers than the one the rows here are about: keys belong to other people, or none of the bookings we
 * know exist there. Whatever is missing in such an instance is not gone.
 */
export function isAnotherInstance(status: InstanceStatus): boolean {
  const owners = (identity: OwnerStatus['identity']) => status.owners.filter((owner) => owner.identity === identity).length;
  const { asked, missing } = status.bookings;
  return owners('OTHER') > owners('SAME') || (asked >= ENOUGH_BOOKINGS && missing === asked);
}

/** One booking may have been deleted by hand; several have not. */
const ENOUGH_BOOKINGS = 2;
