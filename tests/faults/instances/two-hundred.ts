/** Who watches: clinicians, the front desk and patients, half at each instance, with the filters that their screens have. */
import { type Clinic, type Person, type Which } from './clinic.ts';
import { type Dashboard, type Filter, openDashboard } from './dashboard.ts';

const DAY_MS = 86_400_000;
/** Half of the dashboards give a silent connection up, as browsers do; the others wait until it speaks again. */
const PATIENCE_MS = 2_000;

export function openDashboards({ people, url }: Clinic): Dashboard[] {
  const of = (role: Person['role']) => people.filter((person) => person.role === role);
  const clinicianIds = of('CLINICIAN').map(({ id }) => id);
  const tomorrow = new Date(Date.now() + DAY_MS);
  const filters: Record<'CLINICIAN' | 'FRONT_DESK' | 'PATIENT', Filter[]> = {
    CLINICIAN: [{}, {}, { statuses: ['CONFIRMED'] }, { statuses: ['REQUESTED', 'CONFIRMED'], startsBefore: tomorrow }],
    FRONT_DESK: [
      {},
      { startsBefore: tomorrow },
      { statuses: ['CANCELLED', 'DECLINED'] },
      { careStates: ['NO_SHOW'] },
      ...clinicianIds.map((id) => ({ clinicianIds: [id] })),
    ],
    PATIENT: [{}, {}, { statuses: ['CONFIRMED'] }],
  };
  const wanted = [
    ...each(of('CLINICIAN'), 20, filters.CLINICIAN),
    ...each(of('FRONT_DESK'), 10, filters.FRONT_DESK),
    ...each(of('PATIENT'), 2, filters.PATIENT),
  ];
  return wanted.map(({ person, filter }, index) =>
    openDashboard({ person, filter, first: (index % 2) as Which, urlOf: url, patienceMs: index % 4 < 2 ? PATIENCE_MS : 0 }),
  );
}

/** So many of each person, whose filters take turns. */
function each(people: Person[], times: number, filters: Filter[]): { person: Person; filter: Filter }[] {
  return people.flatMap((person, index) =>
    Array.from({ length: times }, (_, turn) => ({ person, filter: filters[(index + turn) % filters.length] ?? {} })),
  );
}
