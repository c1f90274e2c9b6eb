/**
 * From `Authorization: Bearer …` (or `authorization` in a socket's connection params) to a Viewer. The token says who
 * somebody is, the database decides what they are.
 *
 * - With AUTH_JWT_SECRET: HS256 and nothing else. With AUTH_JWKS_URL: asymmetric algorithms and nothing else, so that a
 *   public key can never be used as an HMAC secret.
 * - `exp` is required; AUTH_JWT_ISSUER and AUTH_JWT_AUDIENCE are checked when set.
 * - Tokens that this gateway issued (`iss` = `fintan-gateway`, only with the secret) carry a User.id as `sub`; so do tokens
 *   signed with the secret that name no issuer, where none is configured. Others are found by (iss, sub).
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Account, Accounts } from './account.ts';
import { effectiveRole } from './authorize.ts';
import { OWN_ISSUER } from './issue-token.ts';
import type { Viewer } from './viewer.ts';

/** `message` may be shown to the person who sent the token; it never says which part of a signature was wrong. */
export interface SignInFailure {
  code: 'UNAUTHENTICATED' | 'KEYS_UNAVAILABLE';
  message: string;
}

/** Null without a token; a failure with one that is not good. */
export type Authenticate = (authorization: string | null) => Promise<Result<Viewer | null, SignInFailure>>;

const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const MAX_TOKEN_LENGTH = 8192;

export interface AuthenticateOptions {
  auth: Config['auth'];
  accounts: Accounts;
  clock: Clock;
  log: Log;
}

export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const verify = createVerifier(options.auth, options.clock);
  return async (authorization) => {
    if (authorization === null || authorization.trim() === '') return ok(null);
    const token = bearerToken(authorization);
    if (token === null) return refuse('Send the token as "Authorization: Bearer <token>".');
    const verified = await verify(token);
    if (!verified.ok) return verified;
    const account = await findAccount(options, verified.value);
    if (account === null) return refuse('This token does not belong to anybody here.');
    if (account.disabled) return refuse('This account is disabled.');
    return ok(viewerOf(account, verified.value));
  };
}

function refuse(message: string): Result<never, SignInFailure> {
  return fail({ code: 'UNAUTHENTICATED', message });
}

/** Null when the header holds anything but one bearer token. */
function bearerToken(authorization: string): string | null {
  const token = /^Bearer +([\w-]+\.[\w-]*\.[\w-]*)$/i.exec(authorization.trim())?.[1];
  return token !== undefined && token.length <= MAX_TOKEN_LENGTH ? token : null;
}

interface VerifiedToken extends JWTPayload {
  sub: string;
  iss: string;
  exp: number;
}

function createVerifier(auth: Config['auth'], clock: Clock): (token: string) => Promise<Result<VerifiedToken, SignInFailure>> {
  const key = verificationKey(auth.keys);
  const algorithms = auth.keys.kind === 'secret' ? ['HS256'] : ASYMMETRIC;
  const ownIssuer = auth.keys.kind === 'secret' ? [OWN_ISSUER] : [];
  const issuerNeeded = auth.keys.kind === 'jwks' || auth.issuer !== null;
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms,
        requiredClaims: issuerNeeded ? ['exp', 'sub', 'iss'] : ['exp', 'sub'],
        currentDate: clock.now(),
        ...(auth.issuer === null ? {} : { issuer: [auth.issuer, ...ownIssuer] }),
        ...(auth.audience === null ? {} : { audience: auth.audience }),
      });
      const { sub, exp } = payload;
      const iss = payload.iss ?? (issuerNeeded ? '' : OWN_ISSUER);
      if (typeof sub !== 'string' || sub === '' || typeof iss !== 'string' || iss === '' || typeof exp !== 'number')
        return refuse(NOT_VALID);
      return ok({ ...payload, sub, iss, exp });
    } catch (error) {
      if (error instanceof errors.JWTExpired) return refuse('The token has expired. Sign in again.');
      if (error instanceof errors.JWTClaimValidationFailed)
        return refuse(`The token's "${error.claim}" claim is missing or not accepted here.`);
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) {
        return fail({ code: 'KEYS_UNAVAILABLE', message: 'Sign-in cannot be checked at the moment. Try again shortly.' });
      }
      return refuse(NOT_VALID);
    }
  };
}

const NOT_VALID = 'The token is not valid.';

/** jose keeps the key set for ten minutes, asks at most twice a minute for an unknown `kid`, and gives up after 5 s. */
function verificationKey(keys: Config['auth']['keys']): JWTVerifyGetKey {
  if (keys.kind === 'jwks')
    return createRemoteJWKSet(new URL(keys.url), { timeoutDuration: 5000, cooldownDuration: 30_000, cacheMaxAge: 600_000 });
  const secret = new TextEncoder().encode(keys.secret);
  return async () => secret;
}

async function findAccount(options: AuthenticateOptions, token: VerifiedToken): Promise<Account | null> {
  const { accounts, auth, log } = options;
  if (auth.keys.kind === 'secret' && token.iss === OWN_ISSUER) return accounts.byId(token.sub);
  const known = await accounts.byIdentity(token.iss, token.sub);
  if (known !== null || !auth.provisionPatients) return known;
  const claims = PatientClaims.safeParse(token);
  if (!claims.success) return null;
  const account = await accounts.provision({
    issuer: token.iss,
    subject: token.sub,
    email: claims.data.email,
    name: claims.data.name ?? 'New patient',
    timeZone: claims.data.zoneinfo ?? null,
    locale: claims.data.locale ?? null,
  });
  log.info('auth.patient-provisioned', { userId: account.id });
  return account;
}

/** OpenID Connect Core 5.1. Without a verified e-mail nobody is created. */
const PatientClaims = z.object({
  email: z.email().max(320).toLowerCase(),
  email_verified: z.literal(true),
  name: z.string().trim().min(1).max(200).optional().catch(undefined),
  zoneinfo: z
    .string()
    .max(64)
    .regex(/^[A-Za-z][\w+/-]*$/)
    .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone))
    .optional()
    .catch(undefined),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(?:-[\w-]{2,16})?$/i)
    .optional()
    .catch(undefined),
});

function viewerOf(account: Account, token: VerifiedToken): Viewer {
  return { userId: account.id, role: effectiveRole(account.role, token.role), expiresAt: token.exp * 1000 };
}
