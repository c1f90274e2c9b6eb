/**
 * Where the installation's own sign-in hands out tokens (AUTH_TOKEN_URL): a page of this origin, asked with the cookies
 * that the person has there. Most reverse proxies that sign people in have one.
 */
import { print } from '@apollo/client/utilities';
import { graphql } from '../generated/gql.ts';
import type { TokenPlaceQuery } from '../generated/graphql.ts';
import type { Session } from './session.ts';
import { endsAt } from './token.ts';

const TOKEN_PLACE = graphql(`
  query TokenPlace {
    clinic {
      tokenUrl
    }
  }
`);

const PATIENCE_MS = 10_000;
/** A token is three parts of base64url. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

let place: Promise<string | null> | null = null;

/** Null: nobody is signed in there, or there is no such place. Never rejects. */
export async function tokenOfThisBrowser(): Promise<Session | null> {
  try {
    place ??= askPlace();
    const url = await place;
    if (url === null) return null;
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      cache: 'no-store',
      // A redirect leads to a page where a person signs in: there is no token behind it.
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) return null;
    const answer = (await response.json()) as Record<string, unknown>;
    const token = answer.access_token ?? answer.token;
    if (typeof token !== 'string' || !TOKEN.test(token)) return null;
    const end = endsAt(token, Date.now());
    return { token, expiresAt: end === null ? null : new Date(end).toISOString(), personaId: null };
  } catch {
    place = null;
    return null;
  }
}

async function askPlace(): Promise<string | null> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', 'x-graphql-yoga-csrf': '1' },
    body: JSON.stringify({ operationName: 'TokenPlace', query: print(TOKEN_PLACE) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const { data } = (await response.json()) as { data?: TokenPlaceQuery | null };
  return data?.clinic.tokenUrl ?? null;
}
