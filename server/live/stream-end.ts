/** Why a stream was ended by us. GraphQL errors, because they pass the masking of unexpected errors and reach the client as they are. */
import { GraphQLError } from 'graphql';

export type StreamEndCode = 'UNAUTHENTICATED' | 'FORBIDDEN' | 'SERVICE_RESTART' | 'INTERNAL_SERVER_ERROR';

const MESSAGES = {
  UNAUTHENTICATED: 'Your sign-in has ended. Sign in again.',
  FORBIDDEN: 'Your role may not watch appointments.',
  SERVICE_RESTART: 'The gateway restarts. Subscribe again with your last cursor.',
  INTERNAL_SERVER_ERROR: 'The stream broke off. Subscribe again with your last cursor.',
} as const satisfies Record<StreamEndCode, string>;

export function streamEnd(code: StreamEndCode): GraphQLError {
  return new GraphQLError(MESSAGES[code], { extensions: { code } });
}
