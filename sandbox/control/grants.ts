/** What happens to granted access behind the back of whoever uses it. */
import { z } from 'zod';
import type { World } from '../engine/world.ts';

/** Without a name, everybody's. */
export const grantsInput = z.strictObject({ hostUsername: z.string().max(100).optional() });
export type GrantsInput = z.input<typeof grantsInput>;

export interface GrantSummary {
  username: string;
  kind: 'oauth' | 'managed';
  revoked: boolean;
  refreshes: number;
}

export interface GrantActions {
  /** Their access tokens end now: the next call is answered 498. */
  expireTokens(body?: GrantsInput): { expired: number };
  /** They withdraw what they granted. */
  revokeGrants(body?: GrantsInput): { revoked: number };
  /** Never a token. */
  grants(): GrantSummary[];
}

export function createGrantActions({ store, clock }: Pick<World, 'store' | 'clock'>): GrantActions {
  const named = (body: GrantsInput) => {
    const { hostUsername } = grantsInput.parse(body);
    return store.all('grants').filter((row) => hostUsername === undefined || store.get('users', row.userId)?.username === hostUsername);
  };
  return {
    expireTokens: (body = {}) => {
      const rows = named(body);
      for (const row of rows) store.put('grants', { ...row, accessEndsAt: clock.now() });
      store.commit();
      return { expired: rows.length };
    },
    revokeGrants: (body = {}) => {
      const rows = named(body);
      for (const row of rows) store.put('grants', { ...row, revoked: true });
      store.commit();
      return { revoked: rows.length };
    },
    grants: () =>
      store.all('grants').map((row) => ({
        username: store.get('users', row.userId)?.username ?? '',
        kind: row.kind,
        revoked: row.revoked,
        refreshes: row.refreshes,
      })),
  };
}
