/**
 * Users that a platform OAuth client makes for itself (CONTRACT 6; deprecated upstream). Their tokens rotate both at every
 * refresh; lost ones are replaced by force, with the client's secret.
 */
import { z } from 'zod';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { PlatformSettings } from './connection-settings.ts';
import { tokenFailure, type TokenFailure, type TokenSet } from './token-set.ts';
import type { SendTokenRequest } from './token-transport.ts';

export interface ManagedUser {
  id: number;
  username: string | null;
  /** With the client id in it: `anna+<clientId>@…`. */
  email: string;
  timeZone: string;
}

export interface NewManagedUser {
  email: string;
  name: string;
  timeZone: string;
}

export interface ManagedUsers {
  /** The one of this address, made when there is none yet. */
  ensure(person: NewManagedUser): Promise<Result<{ user: ManagedUser; tokens: TokenSet }, TokenFailure>>;
  refresh(refreshToken: string): Promise<Result<TokenSet, TokenFailure>>;
  /** Ends every token of the user and hands out new ones. */
  forceRefresh(calcomUserId: number): Promise<Result<TokenSet, TokenFailure>>;
}

const user = z.object({ id: z.number().int(), username: z.string().nullable(), email: z.string(), timeZone: z.string() });
const keys = z.object({
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  /** Unix ms. */
  accessTokenExpiresAt: z.number().positive(),
});
const created = z.object({ data: keys.extend({ user }) });
const refreshed = z.object({ data: keys });
const listed = z.object({ data: z.array(user) });

export function createManagedUsers(options: { apiUrl: string; settings: PlatformSettings; send: SendTokenRequest }): ManagedUsers {
  const { apiUrl, send } = options;
  const { clientId, clientSecret } = options.settings;
  const headers = { 'x-cal-client-id': clientId, 'x-cal-secret-key': clientSecret };
  const users = `${apiUrl}/v2/oauth-clients/${encodeURIComponent(clientId)}/users`;

  async function call<Schema extends z.ZodType>(
    method: 'GET' | 'POST',
    url: string,
    schema: Schema,
    json?: Record<string, unknown>,
  ): Promise<Result<z.output<Schema>, { failure: TokenFailure; status: number | null }>> {
    const answered = await send({ method, url, headers, ...(json === undefined ? {} : { body: { json } }) });
    if (!answered.ok) return fail({ failure: tokenFailure(answered.failure), status: answered.failure.status });
    const read = schema.safeParse(answered.value);
    return read.success ? ok(read.data) : fail({ failure: 'Misconfigured', status: null });
  }

  async function forceRefresh(calcomUserId: number): Promise<Result<TokenSet, TokenFailure>> {
    const forced = await call('POST', `${users}/${calcomUserId}/force-refresh`, refreshed, {});
    if (!forced.ok) return fail(forced.failure.status === 404 ? 'Revoked' : forced.failure.failure);
    return ok(tokensOf(forced.value.data, calcomUserId));
  }

  /** The address is taken: by a user of an earlier attempt, whose tokens are lost. */
  async function adopt(email: string): Promise<Result<{ user: ManagedUser; tokens: TokenSet }, TokenFailure>> {
    const found = await call('GET', `${users}?${new URLSearchParams({ emails: email }).toString()}`, listed);
    if (!found.ok) return fail(found.failure.failure);
    const [existing] = found.value.data;
    if (existing === undefined) return fail('Misconfigured');
    const tokens = await forceRefresh(existing.id);
    return tokens.ok ? ok({ user: existing, tokens: tokens.value }) : tokens;
  }

  return {
    async ensure(person) {
      const made = await call('POST', users, created, { ...person });
      if (!made.ok) return made.failure.status === 409 ? adopt(person.email) : fail(made.failure.failure);
      const { user: managed, ...rest } = made.value.data;
      return ok({ user: managed, tokens: tokensOf(rest, managed.id) });
    },
    async refresh(refreshToken) {
      const answer = await call('POST', `${apiUrl}/v2/oauth/${encodeURIComponent(clientId)}/refresh`, refreshed, { refreshToken });
      return answer.ok ? ok(tokensOf(answer.value.data, null)) : fail(answer.failure.failure);
    },
    forceRefresh,
  };
}

function tokensOf(data: z.output<typeof keys>, calcomUserId: number | null): TokenSet {
  return {
    accessToken: data.accessToken,
    refreshToken: data.refreshToken,
    expiresAt: data.accessTokenExpiresAt,
    scope: null,
    calcomUserId,
  };
}
