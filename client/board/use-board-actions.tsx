/** Carries out what the board's buttons and keys ask for, with a pending mark, a toast, undo, and refusals in words. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { personName } from '../appointments/person-name.ts';
import { useConfirmAppointment } from '../appointments/use-confirm-appointment.ts';
import { type CareMove, useCareMove } from '../appointments/use-care-move.ts';
import type { CareState, LiveAppointmentFragment } from '../generated/graphql.ts';
import { useText } from '../i18n/language.tsx';
import { type Refusal, refusalReason } from '../outcome/refusal.ts';
import type { BoardActions, Question } from './board-actions.ts';

const UNDO_MS = 8_000;

export interface BoardActing {
  actions: BoardActions;
  pending: ReadonlySet<string>;
  question: { kind: Question; appointmentId: string } | null;
  answered: () => void;
  opened: string | null;
  close: () => void;
}

export function useBoardActions(appointments: readonly LiveAppointmentFragment[], onOpen: (appointmentId: string) => void): BoardActing {
  const text = useText();
  const moveCare = useCareMove();
  const confirmAppointment = useConfirmAppointment();
  const [pending, setPending] = useState<ReadonlySet<string>>(new Set());
  const [question, setQuestion] = useState<BoardActing['question']>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const undoable = useRef<CareMove | null>(null);
  // The handlers stay the same for the life of the board, so that a card is only drawn anew when its own data changed.
  const latest = useRef({ text, appointments, onOpen });
  useLayoutEffect(() => {
    latest.current = { text, appointments, onOpen };
  });

  const find = useCallback((id: string) => latest.current.appointments.find((each) => each.id === id), []);
  const nameOf = useCallback(
    (id: string): string => {
      const appointment = find(id);
      return appointment === undefined ? latest.current.text.board.nobody : personName(appointment, latest.current.text);
    },
    [find],
  );

  const whilePending = useCallback(async <Value,>(id: string, work: () => Promise<Value>): Promise<Value> => {
    setPending((current) => new Set(current).add(id));
    try {
      return await work();
    } finally {
      setPending((current) => {
        const next = new Set(current);
        next.delete(id);
        return next;
      });
    }
  }, []);

  const undo = useCallback(() => {
    const last = undoable.current;
    undoable.current = null;
    notifications.hide('undo');
    if (last === null) {
      notifications.show({ id: 'undo', message: latest.current.text.done.nothingToUndo, color: 'gray', autoClose: 2_500 });
      return;
    }
    const name = nameOf(last.appointmentId);
    void whilePending(last.appointmentId, () => moveCare(last)).then((outcome) => {
      if (outcome.ok)
        notifications.show({
          message: latest.current.text.done.undone(name, latest.current.text.care[last.to]),
          color: 'gray',
          autoClose: 3_000,
        });
      else showRefusal(latest.current.text, outcome.refusal);
    });
  }, [nameOf, moveCare, whilePending]);

  const move = useCallback(
    (appointmentId: string, to: CareState, participantId?: string) => {
      const before = find(appointmentId);
      const participant = participantId === undefined ? undefined : before?.participants.find((each) => each.id === participantId);
      const from = participantId === undefined ? before?.careState : participant?.careState;
      const name = participant?.name ?? nameOf(appointmentId);
      void whilePending(appointmentId, () => moveCare({ appointmentId, participantId, from: from ?? null, to })).then((outcome) => {
        const say = latest.current.text;
        if (!outcome.ok) return showRefusal(say, outcome.refusal);
        notifications.hide('undo');
        undoable.current = from == null ? null : { appointmentId, participantId, from: to, to: from };
        notifications.show({
          id: 'undo',
          autoClose: UNDO_MS,
          color: 'pine',
          message: (
            <span style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: 16 }}>
              {say.done.moved(name, say.care[to])}
              {from != null && (
                <Button size="compact-sm" variant="subtle" onClick={undo} aria-keyshortcuts="u">
                  {say.action.undo}
                </Button>
              )}
            </span>
          ),
        });
      });
    },
    [find, nameOf, moveCare, undo, whilePending],
  );

  const confirm = useCallback(
    (appointmentId: string) => {
      const name = nameOf(appointmentId);
      void whilePending(appointmentId, () => confirmAppointment({ appointmentId }, () => showChecking(latest.current.text))).then(
        (outcome) => {
          notifications.hide('checking');
          if (outcome.ok) notifications.show({ message: latest.current.text.done.confirmed(name), color: 'pine', autoClose: 4_000 });
          else showRefusal(latest.current.text, outcome.refusal);
        },
      );
    },
    [confirmAppointment, nameOf, whilePending],
  );

  const actions = useMemo<BoardActions>(
    () => ({
      move,
      confirm,
      undo,
      ask: (kind, appointmentId) => setQuestion({ kind, appointmentId }),
      open: (appointmentId) => {
        latest.current.onOpen(appointmentId);
        setOpened(appointmentId);
      },
    }),
    [confirm, move, undo],
  );
  return { actions, pending, question, answered: () => setQuestion(null), opened, close: () => setOpened(null) };
}

export function showChecking(text: ReturnType<typeof useText>): void {
  notifications.show({ id: 'checking', loading: true, message: text.refusal.OutcomeUnknown, autoClose: false });
}

/** Why not, in our words first and in the gateway's after. */
export function showRefusal(text: ReturnType<typeof useText>, refusal: Refusal): void {
  notifications.show({
    title: text.refusal[refusalReason(refusal)],
    message: refusal.message,
    color: 'red',
    autoClose: 10_000,
    role: 'alert',
  });
}
