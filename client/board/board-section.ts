/** Where an appointment stands on the board. Cal.com's status comes first; care states only matter once confirmed. */
import type { AppointmentStatus, CareState } from '../generated/graphql.ts';

export const columns = ['REQUESTED', 'EXPECTED', 'ARRIVED', 'IN_ROOM', 'WITH_CLINICIAN', 'DONE'] as const;
export const folded = ['CANCELLED', 'DECLINED', 'NO_SHOW'] as const;

export type Column = (typeof columns)[number];
export type Folded = (typeof folded)[number];
export type Section = Column | Folded;

interface Placed {
  status: AppointmentStatus;
  careState?: CareState | null;
  participants: readonly { careState?: CareState | null; state: string }[];
}

export function sectionOf(appointment: Placed): Section {
  if (appointment.status !== 'CONFIRMED') return appointment.status;
  return appointment.careState ?? groupState(appointment.participants);
}

/** A seated appointment is where its most advanced participant is; done only when nobody is left to come. */
function groupState(participants: Placed['participants']): CareState {
  const states = participants.filter((each) => each.state === 'ACTIVE').map((each) => each.careState ?? 'EXPECTED');
  for (const state of ['WITH_CLINICIAN', 'IN_ROOM', 'ARRIVED', 'EXPECTED'] as const) if (states.includes(state)) return state;
  return states.includes('DONE') ? 'DONE' : states.length > 0 ? 'NO_SHOW' : 'EXPECTED';
}

export function bySection<Item extends Placed>(appointments: readonly Item[]): Map<Section, Item[]> {
  const sections = new Map<Section, Item[]>([...columns, ...folded].map((section) => [section, []]));
  for (const appointment of appointments) sections.get(sectionOf(appointment))?.push(appointment);
  return sections;
}
