/** One step of care: most are ours alone, a no-show and its taking back also concern Cal.com. */
import { useCallback } from 'react';
import type { CareState } from '../generated/graphql.ts';
import type { Outcome } from '../outcome/refusal.ts';
import { useMarkNoShow } from './use-mark-no-show.ts';
import { useSetCareState } from './use-set-care-state.ts';

export interface CareMove {
  appointmentId: string;
  /** Needed on a group visit. */
  participantId: string | undefined;
  from: CareState | null;
  to: CareState;
}

export function useCareMove(): (move: CareMove) => Promise<Outcome<unknown>> {
  const setCareState = useSetCareState();
  const markNoShow = useMarkNoShow();
  return useCallback(
    ({ appointmentId, participantId, from, to }) => {
      if (to !== 'NO_SHOW' && from !== 'NO_SHOW') return setCareState(appointmentId, to, participantId);
      return markNoShow({ appointmentId, absent: to === 'NO_SHOW', ...(participantId === undefined ? {} : { participantId }) });
    },
    [markNoShow, setCareState],
  );
}
