/** One open stream: who watches, what they asked for, and what they have been given. */
import type { GraphQLError } from 'graphql';
import type { AppointmentScope } from '../appointments/appointment-store.ts';
import type { Viewer } from '../auth/viewer.ts';
import { unreachable } from '../kernel/result.ts';
import type { LiveFilter, LiveUpdate } from '../services.ts';
import type { LogPosition } from './change-log.ts';
import { laterPosition } from './log-position.ts';
import type { Marks } from './marks.ts';
import { createUpdateQueue, type UpdateQueue } from './update-queue.ts';

export interface Subscriber {
  /** Counts the streams of this process; spreads their heartbeats. */
  readonly number: number;
  readonly viewer: Viewer;
  readonly scope: AppointmentScope;
  /** What lets them see an appointment, as a text: equal for equal scopes. */
  readonly topic: string;
  readonly filter: LiveFilter;
  readonly queue: UpdateQueue;
  /** Aborted when the stream has ended, whoever ended it. */
  readonly ended: AbortSignal;
  /** Gives one change of the log; equal subscribers are given the same object. */
  give(update: LiveUpdate, position: LogPosition): void;
  /** POSITION: everything up to here has been given. */
  mark(position: LogPosition): void;
  /** RESYNC in place of all that waits: from `position` on the stream is complete. */
  resync(position: LogPosition): void;
  /** A mark, unless something still waits to be taken. `reached`: how far the hub has delivered. */
  heartbeat(reached: LogPosition): void;
  end(error?: GraphQLError): void;
}

export interface SubscriberOptions {
  viewer: Viewer;
  scope: AppointmentScope;
  filter: LiveFilter;
  /** Updates that may wait; one more, and they are replaced by RESYNC. */
  capacity: number;
  marks: Marks;
  closed: (subscriber: Subscriber) => void;
}

let streams = 0;

export function createSubscriber(options: SubscriberOptions): Subscriber {
  const { marks, scope } = options;
  const ended = new AbortController();
  /** The last position a mark or RESYNC named; a heartbeat never goes behind it. */
  let marked: LogPosition | null = null;

  const queue = createUpdateQueue({
    capacity: options.capacity,
    closed() {
      ended.abort();
      options.closed(subscriber);
    },
  });

  streams += 1;
  const subscriber: Subscriber = {
    number: streams,
    viewer: options.viewer,
    scope,
    topic: topicOf(scope),
    filter: options.filter,
    queue,
    ended: ended.signal,
    give(update, position) {
      if (!queue.push(update)) subscriber.resync(position);
    },
    mark(position) {
      marked = position;
      if (!queue.push(marks.position(position))) subscriber.resync(position);
    },
    resync(position) {
      marked = position;
      queue.clear();
      queue.push(marks.resync(position));
    },
    heartbeat(reached) {
      if (marked === null || queue.size() > 0) return;
      subscriber.mark(marked.timeline === reached.timeline ? laterPosition(marked, reached) : reached);
    },
    end: queue.end,
  };
  return subscriber;
}

export function topicOf(scope: AppointmentScope): string {
  if ('all' in scope) return 'all';
  if ('hostId' in scope) return `host:${scope.hostId}`;
  if ('patientId' in scope) return `patient:${scope.patientId}`;
  if ('none' in scope) return 'none';
  return unreachable(scope);
}
