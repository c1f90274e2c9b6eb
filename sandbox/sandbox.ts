/**
 * A Cal.com of our own: API v2 as release 5.6.4 was measured to behave, in memory, with a journal when a folder is given.
 * In process for tests (`request`, `control`), behind a port for everything else (`listen`).
 */
import { randomFillSync } from 'node:crypto';
import { type Actions, createActions } from './control/actions.ts';
import { type BehindTheScenes, createBehindTheScenes } from './control/behind-the-scenes.ts';
import { burst, type BurstAnswer } from './control/burst.ts';
import { ControlFailure } from './control/failure.ts';
import { type Faults, faultsInput, noFaults } from './control/faults.ts';
import { createGrantActions, type GrantActions } from './control/grants.ts';
import * as input from './control/input.ts';
import { createOutOfOffice, type OutOfOfficeControl } from './control/out-of-office.ts';
import { controlState, type ControlState } from './control/state.ts';
import { createClock } from './engine/clock.ts';
import { createIdentifiers, type RandomSource } from './engine/identifiers.ts';
import { dayIn, isoMs } from './engine/instant.ts';
import { takeDueMeetingTriggers } from './engine/meeting-triggers.ts';
import { TRIGGERS } from './engine/records.ts';
import { createStore } from './engine/store.ts';
import type { World } from './engine/world.ts';
import { createApi } from './http/handle.ts';
import { answerThroughFaults } from './http/faulty.ts';
import { createRateLimit, type RateLimit } from './http/rate-limit.ts';
import { apiRoutes } from './http/routes.ts';
import { type OAuthBehaviour, withWebApp } from './http/web-app.ts';
import { listen, type Listening } from './http/server.ts';
import { type Journal, openJournal, readJournal } from './journal.ts';
import { CLINIC_BOOKER_URL, CLINIC_TIME_ZONE, seedClinic } from './seeds/clinic.ts';
import { RECORDED_BOOKER_URL, seedRecorded } from './seeds/recorded.ts';
import { fillTimetable } from './seeds/timetable.ts';
import { type Deliver, deliverByHttp } from './webhooks/deliver.ts';
import { createDispatcher } from './webhooks/dispatch.ts';

export type { Deliver, Delivery } from './webhooks/deliver.ts';
export { seededRandom } from './engine/identifiers.ts';

export interface SandboxOptions {
  seed: 'clinic' | 'recorded';
  /** Folder of the journal; memory only without. */
  journalDir?: string;
  /** Unix milliseconds. */
  now?: () => number;
  /** Sends one webhook; by default a real signed POST. It is awaited before the API answers. */
  deliver?: Deliver;
  /** In [0, 1); give a seeded one for repeatable ids. */
  random?: RandomSource;
  /** False: nobody is throttled. Default true. */
  rateLimit?: boolean;
  /** The clinicians' working hours, every day, instead of 07:00 to 22:00 in Amsterdam. `24:00` is midnight. */
  hours?: { timeZone: string; startTime: string; endTime: string };
  /** False: the clinic starts without bookings. Default true. */
  timetable?: boolean;
  /** The same keys open another installation, whose users are others (seed `clinic`). Default false. */
  another?: boolean;
  /** Registered for every user with all triggers; replaces the one of an earlier start. */
  webhook?: { url: string; secret: string };
  oauth?: OAuthBehaviour;
}

export interface SandboxRequest {
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is a text. */
  body?: unknown;
}

export interface SandboxAnswer {
  status: number;
  headers: Record<string, string>;
  /** Parsed JSON, or the text when it is none. */
  body: unknown;
}

export interface Control extends Actions, BehindTheScenes, OutOfOfficeControl, GrantActions {
  state(): ControlState;
  burst(body: input.BurstInput): Promise<BurstAnswer>;
  /** Sets or shifts the clock and sends what has become due. */
  clock(body: input.ClockInput): Promise<{ now: string }>;
  /** Lets the bookings of an event type be handed over among these users. */
  share(body: input.ShareInput): { shared: number };
  /** Everything as after a first start. */
  reset(): Promise<ControlState>;
  setFaults(body: unknown): Faults;
  /** Also sends what was held back. */
  clearFaults(): Promise<Faults>;
}

export interface Sandbox {
  /** Calls the API without a socket. Rejects where a real server would not answer (`down`, `commitThenTimeout`). */
  request(method: string, path: string, options?: SandboxRequest): Promise<SandboxAnswer>;
  control: Control;
  /** 127.0.0.1 only; 0 takes a free port. */
  listen(port: number): Promise<Listening>;
  /** Sends due MEETING_* and fills a new day; called by a timer only while listening. */
  tick(): Promise<void>;
  close(): Promise<void>;
}

export function createSandbox(options: SandboxOptions): Sandbox {
  const clock = createClock(options.now ?? Date.now);
  const ids = createIdentifiers(options.random ?? cryptoRandom);
  const faults = noFaults();
  let journal: Journal | null = null;
  const store = createStore((changes) => journal?.append(changes));
  const dispatcher = createDispatcher(() => world, faults, options.deliver ?? deliverByHttp);
  const world: World = {
    store,
    clock,
    ids,
    notify: (notice) => dispatcher.notify(notice),
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    bookerUrl: options.seed === 'clinic' ? CLINIC_BOOKER_URL : RECORDED_BOOKER_URL,
  };
  const rateLimit = options.rateLimit === false ? null : createRateLimit(clock.now);
  const counted: RateLimit = {
    count: (...call) => (faults.api.unlimited ? undefined : rateLimit?.count(...call)),
    reset: () => rateLimit?.reset(),
  };
  const api = withWebApp(
    createApi({ world, routes: apiRoutes, rateLimit: counted, newRequestId: () => ids.uuid() }),
    world,
    options.oauth ?? {},
  );
  const actions = createActions(world, dispatcher);
  const openListeners = new Set<Listening>();
  let filledDay = '';

  const fill = (): void => {
    if (options.seed !== 'clinic' || options.timetable === false) return;
    fillTimetable(world);
    filledDay = dayIn(clock.now(), CLINIC_TIME_ZONE);
  };

  const plant = (): void => {
    if (!store.get('marks', 'seed')) {
      if (options.seed === 'clinic') seedClinic(store, options.another, options.hours);
      else seedRecorded(store);
      store.put('marks', { key: 'seed', value: options.seed });
    }
    if (options.webhook) registerForAll(world, options.webhook);
    fill();
    store.commit();
  };

  if (options.journalDir !== undefined) {
    store.load(readJournal(options.journalDir));
    const seed = store.get('marks', 'seed')?.value;
    if (seed !== undefined && seed !== options.seed) {
      throw new Error(
        `This folder holds a sandbox of the seed "${seed}", not "${options.seed}". Choose another folder or delete its journal.`,
      );
    }
    journal = openJournal(options.journalDir, store.snapshot());
  }
  plant();

  const tick = async (): Promise<void> => {
    if (filledDay !== '' && dayIn(clock.now(), CLINIC_TIME_ZONE) !== filledDay) fill();
    for (const row of takeDueMeetingTriggers(world)) await dispatcher.sendMeeting(row, false);
  };

  const control: Control = {
    ...actions,
    ...createGrantActions(world),
    ...createBehindTheScenes(world),
    ...createOutOfOffice(world),
    state: () => controlState(world, faults, dispatcher.recent()),
    burst: (body) => burst(world, actions, input.burstInput.parse(body).count),
    clock: async (body) => {
      const asked = input.clockInput.parse(body);
      if (asked.now !== undefined) clock.set(asked.now);
      if (asked.offsetMs !== undefined) clock.shift(asked.offsetMs);
      await tick();
      return { now: isoMs(clock.now()) };
    },
    share: (body) => {
      const { eventTypeId, hostIds } = input.shareInput.parse(body);
      const row = store.get('eventTypes', eventTypeId);
      if (!row) throw new ControlFailure(404, 'There is no such event type.');
      store.put('eventTypes', { ...row, roundRobinHosts: hostIds });
      store.commit();
      return { shared: hostIds.length };
    },
    reset: async () => {
      await control.clearFaults();
      store.clear();
      clock.reset();
      rateLimit?.reset();
      plant();
      return control.state();
    },
    setFaults: (body) => {
      const asked = faultsInput.parse(body);
      Object.assign(faults.webhooks, asked.webhooks);
      Object.assign(faults.api, asked.api);
      return structuredClone(faults);
    },
    clearFaults: async () => {
      Object.assign(faults, noFaults());
      await dispatcher.release();
      return structuredClone(faults);
    },
  };

  const sandbox: Sandbox = {
    request: async (method, path, { headers = {}, body } = {}) => {
      const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const outcome = await answerThroughFaults(api, faults, { method, url: path, headers: lower, body: text, ip: 'in-process' });
      if (outcome === 'closed' || outcome === 'silent') throw new Error('socket hang up');
      return { ...outcome, body: parsed(outcome.body) };
    },
    control,
    listen: async (port) => {
      const listening = await listen({ port, api, faults, control, tick, now: clock.now });
      openListeners.add(listening);
      return listening;
    },
    tick,
    close: async () => {
      for (const listening of openListeners) await listening.close();
      openListeners.clear();
      store.commit();
    },
  };
  return sandbox;
}

/** One webhook a user, known by its id, so that a restart under another port moves it instead of adding one. */
function registerForAll(world: World, { url, secret }: { url: string; secret: string }): void {
  for (const user of world.store.all('users')) {
    const id = `00000000-0000-4000-8000-${String(user.id).padStart(12, '0')}`;
    const existing = world.store.get('webhooks', id);
    world.store.put('webhooks', {
      id,
      userId: user.id,
      eventTypeId: null,
      subscriberUrl: url,
      payloadTemplate: null,
      active: true,
      secret,
      triggers: [...TRIGGERS],
      createdAt: existing?.createdAt ?? world.clock.stamp(),
    });
    for (const row of world.store.all('meetingTriggers')) {
      if (row.webhookId === id) world.store.put('meetingTriggers', { ...row, subscriberUrl: url });
    }
  }
}

const cryptoRandom: RandomSource = () => {
  const word = randomFillSync(new Uint32Array(1))[0] ?? 0;
  return word / 4_294_967_296;
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
