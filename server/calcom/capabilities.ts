/**
 * What an installation of Cal.com can do: which resources answer in the versions we speak, whose clock is right, what
 * becomes of a key. There is no version to ask for (`/health` is the text OK), but a route that is missing says
 * "Cannot GET …", and a version that is unknown silently answers in the shape of 2024-04-15 (MEASURED "Errors").
 */
import { z } from 'zod';
import type { CalcomClient } from './calcom-client.ts';
import { type CalcomFailure, errorMessage } from './errors.ts';
import type { Probe, ProbeAnswer } from './probe-transport.ts';
import * as contract from './rest-contract.ts';
import type { CalcomCredential } from './transport.ts';

export const resources = ['me', 'eventTypes', 'schedules', 'slots', 'reservations', 'bookings', 'webhooks'] as const;
export type Resource = (typeof resources)[number];

export type ResourceState =
  | 'AVAILABLE'
  /** The route does not exist in this release. */
  | 'MISSING'
  /** It answers in another shape: the release does not know the version we ask for. */
  | 'OTHER_SHAPE'
  /** The key may not, or there was no key to ask with. */
  | 'REFUSED'
  /** No answer, or a failure of the server's own. */
  | 'FAILED';

export interface ResourceReport {
  resource: Resource;
  state: ResourceState;
  /** Of the answer; null when there was none. */
  status: number | null;
}

export type KeyState = 'ACCEPTED' | 'REFUSED' | 'UNLICENSED' | 'RATE_LIMITED' | 'UNREACHABLE';

export interface KeyReport {
  state: KeyState;
  /** Who the key belongs to; null unless accepted. */
  me: contract.Me | null;
}

/** Cal.com's clock and whether `/health` answers. */
export interface ServerReport {
  reachable: boolean;
  clockSkewMs: number | null;
  /** Of the web application, when its address is configured and it says so. */
  version: string | null;
}

const NOBODY = '00000000-0000-4000-8000-000000000000';

export async function lookAtServer(probe: Probe, webapp: Probe | null): Promise<ServerReport> {
  const [health, version] = await Promise.all([probe('/health'), webapp === null ? null : webapp('/api/version')]);
  const said = z.object({ version: z.string().max(40) }).safeParse(version?.json);
  return {
    reachable: health !== null && health.status < 500,
    clockSkewMs: health?.clockSkewMs ?? null,
    version: said.success ? said.data.version : null,
  };
}

/** Through the client, which renews what has ended. */
export async function lookAtKey(client: Pick<CalcomClient, 'me'>, credential: CalcomCredential): Promise<KeyReport> {
  const me = await client.me(credential);
  return me.ok ? { state: 'ACCEPTED', me: me.value } : { state: keyState(me.failure), me: null };
}

function keyState({ kind, message }: CalcomFailure): KeyState {
  switch (kind) {
    case 'Unauthorized':
      return /LICEN[CS]E/i.test(message) ? 'UNLICENSED' : 'REFUSED';
    case 'Forbidden':
      return 'REFUSED';
    case 'RateLimited':
      return 'RATE_LIMITED';
    default:
      return 'UNREACHABLE';
  }
}

/** The text that opens doors now; null when it cannot be had. */
export async function bearerOf({ bearer, token }: CalcomCredential): Promise<string | null> {
  if (token === undefined) return bearer;
  const known = await token.bearer();
  return known.ok ? known.value : null;
}

/** With a key that Cal.com accepts, else without: then only what needs none can be told. */
export async function lookAtResources(probe: Probe, bearer: string | null, username: string | null): Promise<ResourceReport[]> {
  const looks = resources.map(async (resource): Promise<ResourceReport> => {
    const { path, version, fits } = LOOKS[resource](username);
    const answer = await probe(path, { version, ...(bearer === null ? {} : { bearer }) });
    return { resource, state: resourceState(answer, fits), status: answer?.status ?? null };
  });
  return await Promise.all(looks);
}

interface Look {
  path: string;
  version: string;
  /** Whether this is how the route answers, whatever it says. */
  fits: (answer: ProbeAnswer) => boolean;
}

const LOOKS: Record<Resource, (username: string | null) => Look> = {
  me: () => ({ path: '/v2/me', version: contract.API_VERSION.me, fits: (answer) => dataOf(answer, contract.me) !== null }),
  eventTypes: (username) => ({
    path: `/v2/event-types?username=${encodeURIComponent(username ?? NOBODY)}`,
    version: contract.API_VERSION.eventTypes,
    // A person without event types, and nobody: both are "not found" (012).
    fits: (answer) => answer.status === 404 || dataOf(answer, z.array(z.unknown())) !== null,
  }),
  schedules: () => ({
    path: '/v2/schedules',
    version: '2024-06-11',
    fits: (answer) => dataOf(answer, z.array(z.object({ availability: z.array(z.object({ days: z.array(z.string()) })) }))) !== null,
  }),
  slots: () => ({
    // Without an event type it costs nothing to answer: 400 (044).
    path: '/v2/slots?start=2030-01-01&end=2030-01-01',
    version: contract.API_VERSION.slots,
    fits: (answer) => answer.status === 400 || answer.status === 200,
  }),
  reservations: () => ({
    path: `/v2/slots/reservations/${NOBODY}`,
    version: contract.API_VERSION.slots,
    fits: (answer) => answer.status === 404 || answer.status === 200,
  }),
  bookings: () => ({
    path: '/v2/bookings?take=1',
    version: contract.API_VERSION.bookings,
    fits: (answer) => dataOf(answer, z.array(z.unknown())) !== null,
  }),
  webhooks: () => ({
    path: '/v2/webhooks?take=1',
    version: contract.API_VERSION.webhooks,
    fits: (answer) => dataOf(answer, z.array(z.unknown())) !== null,
  }),
};

function resourceState(answer: ProbeAnswer | null, fits: (answer: ProbeAnswer) => boolean): ResourceState {
  if (answer === null || answer.status === 429 || answer.status >= 500) return 'FAILED';
  if (answer.status === 401 || answer.status === 403 || answer.status === 498) return 'REFUSED';
  if (answer.status === 404 && /^Cannot \w+ /.test(errorMessage(answer.json))) return 'MISSING';
  return fits(answer) ? 'AVAILABLE' : 'OTHER_SHAPE';
}

/** Whether a booking that we know exists there: needs no key (CONTRACT 1). Null: it could not be told. */
export async function bookingExists(probe: Probe, uid: string): Promise<boolean | null> {
  const answer = await probe(`/v2/bookings/${encodeURIComponent(uid)}`, { version: contract.API_VERSION.bookings });
  if (answer?.status === 200) return true;
  return answer?.status === 404 && /was not found/.test(errorMessage(answer.json)) ? false : null;
}

function dataOf<Schema extends z.ZodType>(answer: ProbeAnswer, schema: Schema): z.output<Schema> | null {
  if (answer.status !== 200) return null;
  const body = contract.success.safeParse(answer.json);
  const data = body.success ? schema.safeParse(body.data.data) : null;
  return data?.success === true ? data.data : null;
}
