/** What a person can do from a card, by button, menu or key. */
import type { CareState } from '../generated/graphql.ts';

export type Question = 'cancel' | 'decline' | 'reschedule';

export interface BoardActions {
  /** Sent at once; undo is the opposite. */
  move: (appointmentId: string, to: CareState, participantId?: string) => void;
  confirm: (appointmentId: string) => void;
  /** Asks for a reason or a time first. */
  ask: (question: Question, appointmentId: string) => void;
  open: (appointmentId: string) => void;
  undo: () => void;
}
