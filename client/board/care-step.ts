/** The next thing to do with an appointment, by button or key. */
import type { AppointmentAction, CareState } from '../generated/graphql.ts';
import type { Text } from '../i18n/en.ts';
import type { Section } from './board-section.ts';

export interface CareStep {
  to: CareState;
  label: keyof Text['action'];
  /** The key on the board. */
  key: string;
}

const checkIn: CareStep = { to: 'ARRIVED', label: 'checkIn', key: 'c' };
const toRoom: CareStep = { to: 'IN_ROOM', label: 'toRoom', key: 'r' };
const start: CareStep = { to: 'WITH_CLINICIAN', label: 'start', key: 's' };
const finish: CareStep = { to: 'DONE', label: 'finish', key: 'd' };
const noShow: CareStep = { to: 'NO_SHOW', label: 'noShow', key: 'n' };
const came: CareStep = { to: 'EXPECTED', label: 'came', key: 'e' };

/** First is the obvious one; skips forward are allowed. */
export function careSteps(section: Section, viewerMay: readonly AppointmentAction[]): readonly CareStep[] {
  if (!viewerMay.includes('SET_CARE_STATE')) return viewerMay.includes('CHECK_IN') && section === 'EXPECTED' ? [checkIn] : [];
  switch (section) {
    case 'EXPECTED':
      return viewerMay.includes('MARK_NO_SHOW') ? [checkIn, toRoom, start, noShow] : [checkIn, toRoom, start];
    case 'ARRIVED':
      return [toRoom, start];
    case 'IN_ROOM':
      return [start, finish];
    case 'WITH_CLINICIAN':
      return [finish];
    case 'NO_SHOW':
      return viewerMay.includes('MARK_NO_SHOW') ? [came] : [];
    default:
      return [];
  }
}
