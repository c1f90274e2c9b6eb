/**
 * What one request may ask: bounds on the document, on how it is sent, and where it may come from. Each refusal says
 * what to do instead.
 */
import { EnvelopArmor } from '@escape.tech/graphql-armor';
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import type { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphqlContext } from './context.ts';

/** Armor calls it a syntax error and gives it neither code nor status. */
const onReject = [
  (_context: unknown, error: GraphQLError) => {
    error.message = error.message.replace(/^Syntax Error: /, '');
    error.extensions['code'] = 'QUERY_TOO_LARGE';
    error.extensions['http'] = { spec: true, status: 400 };
  },
];

export const MAX_TOKENS = 2000;

/** The board's query has a depth of 7, about 120 tokens and, at 100 rows, a cost of some 15 000. */
export function documentLimits() {
  return new EnvelopArmor<GraphqlContext>({
    maxDepth: { n: 12, onReject },
    maxTokens: { n: MAX_TOKENS, onReject },
    maxAliases: { n: 30, onReject },
    maxDirectives: { n: 30, onReject },
    costLimit: { maxCost: 100_000, onReject },
    // Introspection is open: hiding names in suggestions would only make mistakes harder to find.
    blockFieldSuggestion: { enabled: false },
  }).protect().plugins;
}

/**
 * Requests that a foreign page can send without asking first are refused: POST must be JSON, and a GET with a query must
 * carry one of these headers.
 */
const PREFLIGHTED = ['authorization', 'x-requested-with', 'apollo-require-preflight', 'x-graphql-yoga-csrf'];

export function requestLimits(): Plugin[] {
  return [useJsonOnly(), useCSRFPrevention({ requestHeaders: PREFLIGHTED })];
}

function useJsonOnly(): Plugin {
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      const refusal = refusalOf(request);
      if (refusal === null) return;
      const body = JSON.stringify({ errors: [{ message: refusal.message, extensions: { code: refusal.code } }] });
      endResponse(
        new fetchAPI.Response(body, { status: refusal.status, headers: { 'content-type': 'application/json', ...refusal.headers } }),
      );
    },
  };
}

const UNASKED = {
  status: 403,
  code: 'FORBIDDEN',
  message: `Any page could send this. Send GraphQL by POST as JSON, or with one of the headers ${PREFLIGHTED.join(', ')}.`,
  headers: {},
};

/** The plugin refuses the same, without saying what to do. A browser that opens the address gets GraphiQL. */
function anyPageCouldSend({ headers, url }: Request): boolean {
  const asks = ['query', 'extensions'].some((name) => new URL(url).searchParams.has(name));
  const opened = (headers.get('accept') ?? '').includes('text/html');
  return asks && !opened && !headers.has('content-type') && !PREFLIGHTED.some((name) => headers.has(name));
}

interface Refusal {
  status: number;
  code: string;
  message: string;
  headers: Record<string, string>;
}

function refusalOf(request: Request): Refusal | null {
  const { method } = request;
  if (method === 'OPTIONS') return null;
  if (method === 'GET' || method === 'HEAD') return anyPageCouldSend(request) ? UNASKED : null;
  if (method !== 'POST') {
    return {
      status: 405,
      code: 'METHOD_NOT_ALLOWED',
      message: 'Send GraphQL by POST, or queries by GET.',
      headers: { allow: 'GET, POST, OPTIONS' },
    };
  }
  const type = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json' || type === 'application/graphql+json') return null;
  return {
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'Send GraphQL as JSON: "content-type: application/json".',
    headers: { 'accept-post': 'application/json' },
  };
}
