/** What every resolver is handed: who asks, what the gateway offers, and this request's loaders. */
import type { Viewer } from '../auth/viewer.ts';
import type { Caller, Services } from '../services.ts';
import { invalid, unauthenticated } from './errors.ts';
import { createLoaders, type Loaders } from './loaders.ts';

export interface GraphqlContext {
  /** Null: nobody is signed in. */
  viewer: Viewer | null;
  requestId: string;
  services: Services;
  loaders: Loaders;
  /** The request's variables are in its URL (GET), where proxies log them. */
  inUrl: boolean;
  /** Null over a socket. */
  exchange: HttpExchange | null;
}

/** What an operation may know of the HTTP request it came with, and add to its answer. */
export interface HttpExchange {
  /** As the browser addressed us; null when it did not say. */
  host: string | null;
  /** A whole `Set-Cookie`. */
  setCookie(cookie: string): void;
}

export function createContext(of: Omit<GraphqlContext, 'loaders'>): GraphqlContext {
  return { ...of, loaders: createLoaders(of.services, of.viewer) };
}

/** For fields behind the `signedIn` scope: throws UNAUTHENTICATED where that scope was forgotten. */
export function viewerOf(context: GraphqlContext): Viewer {
  if (context.viewer === null) throw unauthenticated();
  return context.viewer;
}

/** Search texts name people: refuses them in a URL. */
export function refuseInUrl(context: GraphqlContext, path: string): void {
  if (context.inUrl) throw invalid({ path, message: 'Send a search by POST: it must not end up in the log of a proxy.' });
}

export function callerOf(context: GraphqlContext): Caller {
  return { viewer: viewerOf(context), requestId: context.requestId };
}
