/**
 * OAuth 2.0 with Cal.com's web application, as its source has it (5.6: `apps/web/app/api/auth/oauth`): form bodies, no
 * `expires_in`, the refresh token as a bearer and not rotated. Newer releases follow RFC 6749 more closely; both are served.
 */
import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { OAuthSettings } from './connection-settings.ts';
import { tokenFailure, userIdIn, type TokenFailure, type TokenSet } from './token-set.ts';
import type { SendTokenRequest } from './token-transport.ts';

/** What an access token lives when Cal.com does not say. */
const LIFE_MS = 30 * 60_000;

export interface OAuthClient {
  /** `challenge`: S256 of the verifier (RFC 7636); Cal.com may ignore it. */
  authorizationUrl(request: { state: string; challenge: string; redirectUrl: string }): string;
  exchange(request: { code: string; verifier: string; redirectUrl: string }): Promise<Result<TokenSet, TokenFailure>>;
  refresh(refreshToken: string): Promise<Result<TokenSet, TokenFailure>>;
}

const answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.coerce.number().positive().nullish().catch(null),
  scope: z
    .union([z.string(), z.array(z.string()).transform((scopes) => scopes.join(' '))])
    .nullish()
    .catch(null),
});

export function createOAuthClient(options: { settings: OAuthSettings; send: SendTokenRequest; clock: Clock }): OAuthClient {
  const { settings, send, clock } = options;
  const client = { client_id: settings.clientId, client_secret: settings.clientSecret };

  async function tokens(url: string, form: Record<string, string>, headers: Record<string, string> = {}) {
    const askedAt = clock.now().getTime();
    const answered = await send({ method: 'POST', url, headers, body: { form: { ...client, ...form } } });
    if (!answered.ok) return fail(tokenFailure(answered.failure));
    const read = answer.safeParse(answered.value);
    if (!read.success) return fail<TokenFailure>('Misconfigured');
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds, scope } = read.data;
    return ok<TokenSet>({
      accessToken,
      refreshToken: refreshToken ?? null,
      expiresAt: askedAt + (seconds == null ? LIFE_MS : seconds * 1000),
      scope: scope == null || scope === '' ? null : scope.slice(0, 500),
      calcomUserId: userIdIn(accessToken),
    });
  }

  return {
    authorizationUrl({ state, challenge, redirectUrl }) {
      const url = new URL(settings.authorizeUrl);
      const query = {
        response_type: 'code',
        client_id: settings.clientId,
        redirect_uri: redirectUrl,
        state,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return url.href;
    },
    exchange: ({ code, verifier, redirectUrl }) =>
      tokens(settings.tokenUrl, { grant_type: 'authorization_code', code, redirect_uri: redirectUrl, code_verifier: verifier }),
    refresh: (refreshToken) =>
      tokens(
        settings.refreshUrl,
        { grant_type: 'refresh_token', refresh_token: refreshToken },
        { authorization: `Bearer ${refreshToken}` },
      ),
  };
}
