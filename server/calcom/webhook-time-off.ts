/** Webhooks of a host who is away. */
import type { z } from 'zod';
import { plainEmail } from './plain-email.ts';
import type { timeOffPayload } from './webhook-contract.ts';
import type { Origin, WebhookMeaning } from './webhook-saying.ts';

/** Its end is the last second of the last day; "also on update" has the same uuid and a later `updatedAt`. */
export function timeOff(
  { uuid, start, end, updatedAt, user }: z.output<typeof timeOffPayload>['oooEntry'],
  origin: Origin,
): WebhookMeaning {
  if (end <= start) return { kind: 'INVALID', problem: 'oooEntry.end: before its start' };
  const host = { calcomUserId: user.id ?? null, email: user.email === undefined ? null : plainEmail(user.email) };
  const upstreamAt = updatedAt ?? origin.upstreamAt ?? origin.observedAt;
  return { kind: 'TIME_OFF', timeOff: { upstreamUid: uuid, startsAt: start, endsAt: end, upstreamAt, host } };
}
