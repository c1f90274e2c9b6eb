/** When an event that could not be applied is tried again, and when a person must look. Pure but for the clock. */
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import type { Clock } from '../kernel/clock.ts';
import type { InboxEvent, Settlement } from './inbox.ts';

/** After these many tries a person must look; at the waits below that is about a day. */
const MAX_ATTEMPTS = 20;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 2 * 3_600_000;
const DECEIVED_WAIT_MS = 60_000;

/** `error`: no personal data. */
export function nextTry(
  clock: Clock,
  event: Pick<InboxEvent, 'attempts'>,
  error: string,
  failure?: CalcomFailure,
): Extract<Settlement, { outcome: 'DEAD' | 'RETRYING' }> {
  if (event.attempts + 1 >= MAX_ATTEMPTS) return { outcome: 'DEAD', error };
  const wait = Math.max(Math.min(FIRST_WAIT_MS * 2 ** event.attempts, LONGEST_WAIT_MS), failure?.retryAfterMs ?? 0);
  return { outcome: 'RETRYING', error, nextAttemptAt: new Date(clock.now().getTime() + wait) };
}

/**
 * For as long as it takes, and at once when a clinician with the host's id or address appears. One that has waited before
 * and was taken up for nothing (the address is ours, the booking's host is not) is looked at once a minute.
 */
export function waitingForHost(clock: Clock, event: Pick<InboxEvent, 'attempts'>): Settlement {
  return {
    outcome: 'WAITING_HOST',
    error: 'The host is not a clinician of ours yet: add or link the clinician, then this applies by itself.',
    nextAttemptAt: event.attempts === 0 ? null : new Date(clock.now().getTime() + DECEIVED_WAIT_MS),
  };
}
