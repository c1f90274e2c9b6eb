/**
 * What happens, counted: each part is handed the method that concerns it. Labels are words of ours and of Cal.com, never
 * a person, a booking or a credential. Read out by `metrics`, when that is configured; counting costs next to nothing.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CallObserver } from '../calcom/call-observer.ts';
import type { ChangeRow } from '../live/change-log.ts';
import type { SlotSource } from '../slots/slot-cache.ts';
import type { WebhookOutcome } from '../webhooks/inbox.ts';
import type { NewSample } from './delivery-sample-store.ts';

export interface Measures {
  registry: Registry;
  /** A webhook was answered. */
  answered(answer: 'recorded' | 'refused' | 'try again'): void;
  /** A webhook event was applied, or was not. */
  settled(outcome: WebhookOutcome): void;
  /** Changes were given to the streams of this instance. */
  published(changes: readonly ChangeRow[], at: Date): void;
  /** A screen has reported. */
  sampled(sample: NewSample): void;
  /** Somebody asked for free times. */
  slots(source: SlotSource): void;
  calcom: CallObserver;
}

/** Seconds: from what a healthy machine takes to what somebody complains about. */
const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SLOW = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30];

export function createMeasures(): Measures {
  const registry = new Registry();
  const registers = [registry];
  const answers = new Counter({ name: 'fintan_webhooks_answered_total', help: 'Webhooks by answer.', labelNames: ['answer'], registers });
  const outcomes = new Counter({
    name: 'fintan_webhooks_settled_total',
    help: 'Attempts to apply a webhook, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const wholeWay = new Histogram({
    name: 'fintan_webhook_to_publish_seconds',
    help: 'From the arrival of a webhook until its change was given to the streams of this instance.',
    buckets: FAST,
    registers,
  });
  const stages = new Histogram({
    name: 'fintan_stage_seconds',
    help: 'Parts of the way of a change: record, apply, publish here; deliver and paint as screens report them.',
    labelNames: ['stage'],
    buckets: FAST,
    registers,
  });
  const slotAnswers = new Counter({
    name: 'fintan_slot_answers_total',
    help: 'Questions for free times, by where the answer came from.',
    labelNames: ['source'],
    registers,
  });
  const calls = new Counter({
    name: 'fintan_calcom_calls_total',
    help: 'Calls of Cal.com by operation and HTTP status or failure.',
    labelNames: ['call', 'outcome'],
    registers,
  });
  const callTimes = new Histogram({
    name: 'fintan_calcom_call_seconds',
    help: 'How long calls of Cal.com took, repetitions included.',
    labelNames: ['call'],
    buckets: SLOW,
    registers,
  });
  const budget = new Gauge({
    name: 'fintan_calcom_budget_remaining',
    help: 'Calls left in the rate limit, of the credential that was used last.',
    registers,
  });
  const breaker = new Gauge({
    name: 'fintan_calcom_breaker_open',
    help: '1 while nothing is sent to Cal.com because it failed several times in a row.',
    registers,
  });
  breaker.set(0);

  const between = (stage: string, from: Date | null, to: Date | null): void => {
    if (from !== null && to !== null) stages.observe({ stage }, Math.max(0, to.getTime() - from.getTime()) / 1000);
  };

  return {
    registry,
    answered: (answer) => answers.inc({ answer }),
    settled: (outcome) => outcomes.inc({ outcome }),
    published(changes, at) {
      for (const { receivedAt, recordedAt, appliedAt } of changes) {
        between('record', receivedAt, recordedAt);
        between('apply', recordedAt, appliedAt);
        between('publish', appliedAt, at);
        if (receivedAt !== null) wholeWay.observe(Math.max(0, at.getTime() - receivedAt.getTime()) / 1000);
      }
    },
    sampled({ publishedAt, deliveredAt, paintedAt }) {
      between('deliver', publishedAt, deliveredAt);
      between('paint', deliveredAt, paintedAt);
    },
    slots: (source) => slotAnswers.inc({ source }),
    calcom: {
      called({ call, outcome, ms }) {
        calls.inc({ call, outcome });
        callTimes.observe({ call }, ms / 1000);
      },
      budget: (remaining) => budget.set(remaining),
      breaker: (open) => breaker.set(open ? 1 : 0),
    },
  };
}
