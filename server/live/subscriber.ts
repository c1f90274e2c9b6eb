/** One open stream: who watches, what they asked for, and what they have been given. */
import type { GraphQLError } from 'graphql';
import type { AppointmentScope } from '../appointments/appointment-store.ts';
import type { Viewer } from '../auth/viewer.ts';
import { unreachable } from '../kernel/result.ts';
import type { LiveFilter, LiveUpdate } from '../services.ts';
import type { LogPosition } from './change-log.ts';
import { laterPosition } from './log-position.ts';
import type { Marks } from './marks.ts';
import { type QueueOwner, UpdateQueue } from './update-queue.ts';

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

export class Subscriber implements QueueOwner {
  /** Counts the streams of this process; spreads their heartbeats. */
  readonly number: number;
  readonly viewer: Viewer;
  readonly scope: AppointmentScope;
  /** What lets them see an appointment, as a text: equal for equal scopes. */
  readonly topic: string;
  readonly filter: LiveFilter;
  readonly queue: UpdateQueue;
  readonly #marks: Marks;
  readonly #closed: (subscriber: Subscriber) => void;
  /** The last position a mark or RESYNC named; a heartbeat never goes behind it. */
  #marked: LogPosition | null = null;
  #over = false;
  #end: AbortController | null = null;

  constructor({ viewer, scope, filter, capacity, marks, closed }: SubscriberOptions) {
    streams += 1;
    this.number = streams;
    this.viewer = viewer;
    this.scope = scope;
    this.topic = topicOf(scope);
    this.filter = filter;
    this.queue = new UpdateQueue(capacity, this);
    this.#marks = marks;
    this.#closed = closed;
  }

  /** The stream has ended, whoever ended it. */
  get over(): boolean {
    return this.#over;
  }

  /** Aborted when the stream ends. Made when it is asked for: those who only wait need none. */
  get ended(): AbortSignal {
    if (this.#end === null) {
      this.#end = new AbortController();
      if (this.#over) this.#end.abort(STREAM_ENDED);
    }
    return this.#end.signal;
  }

  closed(): void {
    this.#over = true;
    this.#end?.abort(STREAM_ENDED);
    this.#closed(this);
  }

  /** Gives one change of the log; equal subscribers are given the same object. */
  give(update: LiveUpdate, position: LogPosition): void {
    if (!this.queue.push(update)) this.resync(position);
  }

  /** POSITION: everything up to here has been given. */
  mark(position: LogPosition): void {
    this.#marked = position;
    if (!this.queue.push(this.#marks.position(position))) this.resync(position);
  }

  /** RESYNC in place of all that waits: from `position` on the stream is complete. */
  resync(position: LogPosition): void {
    this.#marked = position;
    this.queue.clear();
    this.queue.push(this.#marks.resync(position));
  }

  /** A mark, unless something still waits to be taken. `reached`: how far the hub has delivered. */
  heartbeat(reached: LogPosition): void {
    if (this.#marked === null || this.queue.size() > 0) return;
    this.mark(this.#marked.timeline === reached.timeline ? laterPosition(this.#marked, reached) : reached);
  }

  end(error?: GraphQLError): void {
    this.queue.end(error);
  }
}

/** An error of its own for each would be made with a trace. */
const STREAM_ENDED = new Error('The stream has ended.');

export function topicOf(scope: AppointmentScope): string {
  if ('all' in scope) return 'all';
  if ('hostId' in scope) return `host:${scope.hostId}`;
  if ('patientId' in scope) return `patient:${scope.patientId}`;
  if ('none' in scope) return 'none';
  return unreachable(scope);
}
