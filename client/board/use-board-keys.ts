/** The board by keyboard: arrows move between cards, letters act on the one with the focus. */
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import type { BoardActions } from './board-actions.ts';
import { sectionOf } from './board-section.ts';
import { careSteps } from './care-step.ts';

export interface BoardKeys {
  help: boolean;
  setHelp: (shown: boolean) => void;
  onArrow: (event: KeyboardEvent<HTMLElement>) => void;
}

export function useBoardKeys(appointments: readonly LiveAppointmentFragment[], active: string | null, actions: BoardActions): BoardKeys {
  const [help, setHelp] = useState(false);
  const latest = useRef({ appointments, active, actions });
  useLayoutEffect(() => {
    latest.current = { appointments, active, actions };
  });

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isBusyElsewhere(event.target)) return;
      if (event.key === '?') return setHelp(true);
      if (event.key === 'u') return latest.current.actions.undo();
      const focused = document.activeElement?.closest<HTMLElement>('[data-card]')?.dataset.card;
      const appointment = latest.current.appointments.find((each) => each.id === focused);
      if (appointment === undefined) return;
      if (event.key === 'Enter' && document.activeElement?.matches('[data-card]') === true)
        return latest.current.actions.open(appointment.id);
      const step = careSteps(sectionOf(appointment), appointment.viewerMay).find(({ key }) => key === event.key);
      if (step !== undefined && !appointment.seated) latest.current.actions.move(appointment.id, step.to);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  // A card that changes column is another element: the keyboard must not lose its place.
  const place = appointments.find((each) => each.id === active);
  const placeKey = place === undefined ? null : `${place.id} ${sectionOf(place)}`;
  useEffect(() => {
    const id = placeKey?.split(' ')[0];
    if (id === undefined || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`)?.focus();
  }, [placeKey]);

  return { help, setHelp, onArrow: moveFocus };
}

/** Typing, an open dialog or menu: the letters belong to them. */
function isBusyElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]') !== null;
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const card = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-card]') : null;
  if (card === null) return;
  const next = neighbour(card, event.key);
  if (next === null) return;
  event.preventDefault();
  next.focus();
}

function neighbour(card: HTMLElement, key: string): HTMLElement | null {
  const column = card.closest('[data-column]');
  if (column === null) return null;
  const inColumn = cardsOf(column);
  const position = inColumn.indexOf(card);
  const rtl = document.documentElement.dir === 'rtl';
  switch (key) {
    case 'ArrowDown':
      return inColumn[position + 1] ?? null;
    case 'ArrowUp':
      return inColumn[position - 1] ?? null;
    case 'ArrowLeft':
      return beside(column, position, rtl ? 1 : -1);
    case 'ArrowRight':
      return beside(column, position, rtl ? -1 : 1);
    default:
      return null;
  }
}

/** The nearest column in that direction that has cards, at about the same height. */
function beside(column: Element, position: number, step: 1 | -1): HTMLElement | null {
  const all = [...document.querySelectorAll('[data-column]')];
  for (let index = all.indexOf(column) + step; index >= 0 && index < all.length; index += step) {
    const other = all[index];
    const cards = other === undefined ? [] : cardsOf(other);
    if (cards.length > 0) return cards[Math.min(position, cards.length - 1)] ?? null;
  }
  return null;
}

function cardsOf(column: Element): HTMLElement[] {
  return [...column.querySelectorAll<HTMLElement>('[data-card]')];
}
