/** What every resolver is handed: who asks, what the gateway offers, and this request's loaders. */
import type { Viewer } from '../auth/viewer.ts';
import type { Caller, Services } from '../services.ts';
import { unauthenticated } from './errors.ts';
import { createLoaders, type Loaders } from './loaders.ts';

export interface GraphqlContext {
  /** Null: nobody is signed in. */
  viewer: Viewer | null;
  requestId: string;
  services: Services;
  loaders: Loaders;
}

export function createContext(services: Services, viewer: Viewer | null, requestId: string): GraphqlContext {
  return { viewer, requestId, services, loaders: createLoaders(services, viewer) };
}

/** For fields behind the `signedIn` scope: throws UNAUTHENTICATED where that scope was forgotten. */
export function viewerOf(context: GraphqlContext): Viewer {
  if (context.viewer === null) throw unauthenticated();
  return context.viewer;
}

export function callerOf(context: GraphqlContext): Caller {
  return { viewer: viewerOf(context), requestId: context.requestId };
}
