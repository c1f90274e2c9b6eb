/** Keeps a slot for a few minutes while the person fills in the form, and lets it go when they choose another. */
import { useMutation } from '@apollo/client/react';
import { useCallback, useRef, useState } from 'react';
import { graphql } from '../../generated/gql.ts';
import type { Refusal } from '../../outcome/refusal.ts';

const HOLD_SLOT = graphql(`
  mutation HoldSlot($input: HoldSlotInput!) {
    holdSlot(input: $input) {
      ... on HoldSlotSuccess {
        hold {
          id
          expiresAt
        }
      }
      ...Refusal @unmask
    }
  }
`);

const RELEASE_SLOT = graphql(`
  mutation ReleaseSlot($input: ReleaseSlotInput!) {
    releaseSlot(input: $input) {
      __typename
    }
  }
`);

export interface Hold {
  id: string;
  expiresAt: string;
}

export interface SlotHold {
  hold: Hold | null;
  /** Null on success, else why not; a network that does not answer is no refusal: one can book without a hold. */
  keep: (input: { eventTypeId: string; startsAt: string; durationMinutes?: number | undefined }) => Promise<Refusal | null>;
  release: () => void;
  /** The hold was used up by a booking. */
  forget: () => void;
}

export function useSlotHold(): SlotHold {
  const [holdSlot] = useMutation(HOLD_SLOT);
  const [releaseSlot] = useMutation(RELEASE_SLOT);
  const [hold, setHold] = useState<Hold | null>(null);
  const latest = useRef<Hold | null>(null);
  const wish = useRef(0);
  const become = useCallback((next: Hold | null) => {
    latest.current = next;
    setHold(next);
  }, []);
  const letGo = useCallback(
    (holdId: string) => {
      // An unreleased hold ends by itself; nobody needs to hear that this failed.
      releaseSlot({ variables: { input: { holdId } } }).catch(() => undefined);
    },
    [releaseSlot],
  );
  const release = useCallback(() => {
    wish.current += 1;
    const held = latest.current;
    become(null);
    if (held !== null) letGo(held.id);
  }, [become, letGo]);
  const keep = useCallback<SlotHold['keep']>(
    async (input) => {
      release();
      const mine = wish.current;
      try {
        const { data } = await holdSlot({ variables: { input } });
        const result = data?.holdSlot;
        if (result?.__typename === 'HoldSlotSuccess') {
          // Another slot was chosen while this one was being kept.
          if (mine !== wish.current) {
            letGo(result.hold.id);
            return null;
          }
          become({ id: result.hold.id, expiresAt: result.hold.expiresAt });
          return null;
        }
        return result ?? null;
      } catch {
        return null;
      }
    },
    [become, holdSlot, letGo, release],
  );
  return { hold, keep, release, forget: () => become(null) };
}
