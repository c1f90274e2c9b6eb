/** A request and an answer of the imitated API, free of sockets. */
import type { UserRow } from '../engine/records.ts';
import type { World } from '../engine/world.ts';

export interface ApiRequest {
  method: string;
  /** Path and query as sent. */
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Raw text; empty when there was none. */
  body: string;
  /** Address of the caller, for the limit of those without a key. */
  ip: string;
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  /** JSON text, or plain text for /health. */
  body: string;
}

/** What a route works with, after version, throttling and authentication. */
export interface Call {
  world: World;
  /** Owner of the key; null without a key where none is needed. */
  user: UserRow | null;
  params: Record<string, string>;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Parsed JSON; an empty object when there was no body. */
  body: Record<string, unknown>;
}

export interface RouteAnswer {
  status: number;
  body: unknown;
}

/** `none`: no key looked for beyond its validity. `required`: 401 without. `permissions`: 403 without (105, 147). */
export type Access = 'none' | 'required' | 'permissions';

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** `/v2/bookings/:uid/cancel`. */
  path: string;
  /** `any`, or the versions of `cal-api-version` that reach it. */
  versions: 'any' | readonly string[];
  access: Access;
  handle: (call: Call) => RouteAnswer | Promise<RouteAnswer>;
}

export const success = (data: unknown, status = 200): RouteAnswer => ({ status, body: { status: 'success', data } });

/** The caller, on a route that let only known ones through. */
export function caller(call: Call): UserRow {
  if (!call.user) throw new Error('A route that needs a user was reached without one');
  return call.user;
}
