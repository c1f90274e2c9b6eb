/**
 * One HTTP call to Cal.com: whose credential, how long, how often. Reads are repeated, writes never: a write whose end is
 * not known is said to be so, and whoever asked looks before repeating (CONTRACT 2).
 */
import {
  bulkhead,
  circuitBreaker,
  ConsecutiveBreaker,
  DelegateBackoff,
  handleWhenResult,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  type IPolicy,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { boundedText } from './bounded-text.ts';
import { Budget, rateHeadersOf } from './budget.ts';
import type { CallObserver } from './call-observer.ts';
import { calcomFailure, failureFromAnswer, type CalcomFailure } from './errors.ts';
import { parsedJson } from './parsed-json.ts';
import { callWithToken, type RenewableToken } from './renewable-token.ts';
import { failureBeforeSending, failureWithoutAnswer } from './unanswered.ts';

/** Whose key a call uses. `ownerId` is null for a key whose owner is not known yet. */
export interface CalcomCredential {
  ownerId: UserId | null;
  /** A `cal_…` key or a managed user's access token. Never logged. */
  bearer: string;
  /** Where the bearer ends and can be renewed; goes before `bearer`. */
  token?: RenewableToken;
}

export interface TransportOptions {
  /** Origin, without a slash at the end. */
  baseUrl: string;
  clock: Clock;
  log: Log;
  fetch?: typeof fetch;
  limits?: Partial<TransportLimits>;
  observer?: CallObserver;
}

export interface TransportLimits {
  readTimeoutMs: number;
  /** Slots of busy calendars took up to 47 s elsewhere (CONTRACT 10); nobody waits that long. */
  slotsTimeoutMs: number;
  /** Cal.com waits for every webhook subscriber before it answers. */
  writeTimeoutMs: number;
  /** Attempts of a read, the first included. */
  readAttempts: number;
  /** Longest wait for a rate limit to end; beyond it the call fails and says when to come back. */
  longestRateWaitMs: number;
  /** Failures in a row after which nothing is sent for `breakerPauseMs`. */
  breakerThreshold: number;
  breakerPauseMs: number;
  /** At once and waiting, per credential, reads and writes each. */
  concurrency: number;
  queue: number;
  answerBytes: number;
}

export const defaultLimits: TransportLimits = {
  readTimeoutMs: 10_000,
  slotsTimeoutMs: 20_000,
  writeTimeoutMs: 30_000,
  readAttempts: 3,
  longestRateWaitMs: 5_000,
  breakerThreshold: 5,
  breakerPauseMs: 5_000,
  concurrency: 8,
  queue: 200,
  answerBytes: 16 * 1024 * 1024,
};

export interface CalcomRequest {
  /** Name for the log; the path would show booking uids. */
  name: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  version: string;
  query?: Record<string, string | number | undefined>;
  body?: Record<string, unknown>;
  /** True: nobody waits for it; half of the budget is left to those who do. */
  background?: boolean;
  timeoutMs?: number;
  /** False: a read that failed is not tried again, because the caller has something else to answer with. */
  repeat?: boolean;
  /** True: that it takes too long is the matter of one calendar behind Cal.com, and says nothing of Cal.com itself. */
  mayBeSlow?: boolean;
}

export interface CalcomAnswer {
  json: unknown;
  /** When the request was sent, Unix ms of our clock: the answer is not older. */
  sentAt: number;
}

export interface Transport {
  /** `credential` null: the call is made without any, as routes without a guard allow. */
  call(credential: CalcomCredential | null, request: CalcomRequest): Promise<Result<CalcomAnswer, CalcomFailure>>;
}

type Outcome = Result<CalcomAnswer, CalcomFailure>;

/** A clock further behind than this was set; one nearer stands still or was corrected. */
const SAME_MOMENT_MS = 1_000;

interface Lane {
  budget: Budget;
  reads: IPolicy;
  /** Of their own: who books does not wait behind a calendar that takes a minute to show its slots (CONTRACT 10). */
  writes: IPolicy;
}

export function createTransport(options: TransportOptions): Transport {
  const { clock, log, observer } = options;
  const limits: TransportLimits = { ...defaultLimits, ...options.limits };
  const fetchIt = options.fetch ?? fetch;
  const lanes = new LRUCache<string, Lane>({ max: 1000 });
  const onlySlow = new WeakSet<Outcome>();
  const breaker = circuitBreaker(
    handleWhenResult((outcome) => isOutage(outcome as Outcome) && !onlySlow.has(outcome as Outcome)),
    {
      halfOpenAfter: limits.breakerPauseMs,
      breaker: new ConsecutiveBreaker(limits.breakerThreshold),
    },
  );
  breaker.onBreak(() => {
    log.warn('calcom.breaker.open');
    observer?.breaker(true);
  });
  breaker.onReset(() => {
    log.info('calcom.breaker.closed');
    observer?.breaker(false);
  });
  const repeated = retry(
    handleWhenResult((outcome) => waitBeforeRepeat(outcome as Outcome, 1, limits) !== null),
    {
      maxAttempts: limits.readAttempts - 1,
      backoff: new DelegateBackoff((context) =>
        'value' in context.result ? (waitBeforeRepeat(context.result.value as Outcome, context.attempt, limits) ?? 0) : 0,
      ),
    },
  );

  function laneOf(credential: CalcomCredential | null): Lane {
    const key = credential?.bearer ?? '';
    let lane = lanes.get(key);
    if (lane === undefined) {
      const { concurrency, queue } = limits;
      lane = { budget: new Budget(), reads: bulkhead(concurrency, queue), writes: bulkhead(concurrency, queue) };
      lanes.set(key, lane);
    }
    return lane;
  }

  let lastSentAt = 0;
  /** No two are equal: among answers of one millisecond the one that was asked for later has the last word on seats (booking-facts.ts). */
  function sendingAt(): number {
    const now = clock.now().getTime();
    lastSentAt = now > lastSentAt || now < lastSentAt - SAME_MOMENT_MS ? now : lastSentAt + 1;
    return lastSentAt;
  }

  async function attempt(credential: CalcomCredential | null, request: CalcomRequest, lane: Lane): Promise<Outcome> {
    const write = request.method !== 'GET';
    const waiting = lane.budget.take(write ? 'write' : request.background === true ? 'background' : 'read', clock.now().getTime());
    if (waiting !== null)
      return fail(calcomFailure('RateLimited', 'The budget of this credential is used up.', { retryAfterMs: waiting.waitMs }));
    const timeoutMs = request.timeoutMs ?? (write ? limits.writeTimeoutMs : limits.readTimeoutMs);
    const sentAt = sendingAt();
    try {
      const answered = await timeout(timeoutMs, TimeoutStrategy.Aggressive).execute(async ({ signal }) => {
        const response = await fetchIt(urlOf(options.baseUrl, request), {
          method: request.method,
          headers: headersOf(credential, request),
          redirect: 'manual',
          signal,
          ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        });
        return { response, text: await boundedText(response, limits.answerBytes) };
      });
      return read(answered.response, withoutBearer(answered.text, answered.response, credential), { write, sentAt, lane });
    } catch (error) {
      const outcome: Outcome = fail(failureWithoutAnswer(error, write));
      if (request.mayBeSlow === true && error instanceof TaskCancelledError) onlySlow.add(outcome);
      return outcome;
    }
  }

  function read(response: Response, text: string, context: { write: boolean; sentAt: number; lane: Lane }): Outcome {
    const now = clock.now().getTime();
    const rate = rateHeadersOf(response.headers);
    if (rate !== null) {
      context.lane.budget.learn(rate, now);
      observer?.budget(rate.remaining);
    }
    const json = parsedJson(text);
    if (response.status >= 200 && response.status < 300) {
      if (json !== undefined) return ok({ json, sentAt: context.sentAt });
      return fail(calcomFailure(context.write ? 'OutcomeUnknown' : 'Unreachable', 'The answer is not JSON.', { status: response.status }));
    }
    const retryAfterMs = response.status === 429 ? (rate?.resetSeconds ?? 60) * 1000 : null;
    if (retryAfterMs !== null) context.lane.budget.block(retryAfterMs, now);
    return fail(failureFromAnswer(response.status, json, context.write, retryAfterMs));
  }

  async function send(credential: CalcomCredential | null, request: CalcomRequest): Promise<Outcome> {
    const lane = laneOf(credential);
    const guarded = () => breaker.execute(() => attempt(credential, request, lane));
    try {
      if (request.method !== 'GET') return await lane.writes.execute(guarded);
      return await lane.reads.execute(() => (request.repeat === false ? guarded() : repeated.execute(guarded)));
    } catch (error) {
      return fail(failureBeforeSending(error));
    }
  }

  return {
    async call(credential, request) {
      const token = credential?.token;
      const begun = performance.now();
      const outcome =
        credential === null || token === undefined
          ? await send(credential, request)
          : await callWithToken(token, (bearer) => send({ ownerId: credential.ownerId, bearer }, request));
      observer?.called({
        call: request.name,
        outcome: outcome.ok ? 'ok' : String(outcome.failure.status ?? outcome.failure.kind),
        ms: performance.now() - begun,
      });
      const line = { call: request.name, owner: credential?.ownerId ?? null };
      if (outcome.ok) log.debug('calcom.call', line);
      else
        log.warn('calcom.call.failed', {
          ...line,
          kind: outcome.failure.kind,
          status: outcome.failure.status,
          message: outcome.failure.message,
        });
      return outcome;
    },
  };
}

function headersOf(credential: CalcomCredential | null, request: CalcomRequest): Record<string, string> {
  return {
    accept: 'application/json',
    'cal-api-version': request.version,
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(credential === null ? {} : { authorization: `Bearer ${credential.bearer}` }),
  };
}

/** A 403 echoes the token it was asked with (CONTRACT 2); no token of ours is ever in a success. */
function withoutBearer(text: string, response: Response, credential: CalcomCredential | null): string {
  return response.ok || credential === null ? text : text.replaceAll(credential.bearer, '[token]');
}

function urlOf(baseUrl: string, request: CalcomRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) query.set(name, String(value));
  const search = query.toString();
  return `${baseUrl}${request.path}${search === '' ? '' : `?${search}`}`;
}

/** What the breaker counts: no answer at all, or a gateway in front that says so. A plain 500 is how Cal.com refuses some writes. */
function isOutage(outcome: Outcome): boolean {
  if (outcome.ok) return false;
  const { kind, status } = outcome.failure;
  return (kind === 'Unreachable' || kind === 'OutcomeUnknown') && (status === null || (status >= 502 && status <= 504));
}

/** Ms to wait before a read is repeated; null when repeating is of no use or the wait would be too long. */
function waitBeforeRepeat(outcome: Outcome, attempt: number, limits: TransportLimits): number | null {
  if (outcome.ok) return null;
  const { kind, retryAfterMs } = outcome.failure;
  if (kind === 'RateLimited') return retryAfterMs !== null && retryAfterMs <= limits.longestRateWaitMs ? retryAfterMs : null;
  return kind === 'Unreachable' ? 100 * 2 ** attempt : null;
}
