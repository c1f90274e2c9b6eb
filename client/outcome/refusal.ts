/** What the gateway answers when a wish cannot be granted, as one value; and what a silent network means. */
import { graphql } from '../generated/gql.ts';
import type { RefusalFragment } from '../generated/graphql.ts';

export const REFUSAL = graphql(`
  fragment Refusal on UserError {
    message
    retryable
    ... on InvalidInput {
      fields {
        path
        message
      }
    }
    ... on SlotTaken {
      nearest {
        startsAt
        endsAt
        localStart
        timeZone
        seatsLeft
      }
    }
    ... on OutcomeUnknown {
      retryAfterMs
    }
    ... on VersionConflict {
      current {
        ...LiveAppointment
      }
    }
  }
`);

export type Refusal = RefusalFragment | { __typename: 'NoNetwork'; message: string; retryable: true };

export type Outcome<Value> = { ok: true; value: Value } | { ok: false; refusal: Refusal };

export function refusalReason(refusal: Refusal): keyof typeof kinds {
  return kinds[refusal.__typename];
}

const kinds = {
  NotAllowed: 'NotAllowed',
  NotFound: 'NotFound',
  InvalidInput: 'InvalidInput',
  SlotTaken: 'SlotTaken',
  CalcomUnavailable: 'CalcomUnavailable',
  OutcomeUnknown: 'OutcomeUnknown',
  VersionConflict: 'VersionConflict',
  InvalidTransition: 'InvalidTransition',
  NoNetwork: 'NoNetwork',
} as const satisfies Record<Refusal['__typename'], string>;
