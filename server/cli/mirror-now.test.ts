import { expect, test } from 'vitest';
import { userId } from '../kernel/ids.ts';
import { mirrorLines } from './mirror-now.ts';

const ANNA = userId('00000000-0000-7000-8000-0000000000a1');
const SAMIR = userId('00000000-0000-7000-8000-0000000000a2');
const names = new Map([[ANNA as string, 'Dr. Anna de Vries']]);
const report = { at: new Date(0), clinicians: 1, eventTypes: 5, deleted: 1, failed: [SAMIR] };
const of = { clinicianId: ANNA as string, eventTypeId: 4, title: 'Visit' };

test('each difference is a line, and whoever could not be asked is named', () => {
  const drift = [
    { ...of, kind: 'CHANGED' as const, slug: 'in-person', fields: ['title', 'durationMinutes'] },
    { ...of, kind: 'DELETED' as const, slug: 'phone', fields: [] },
  ];
  expect(mirrorLines({ ...report, dryRun: true, drift }, names)).toEqual([
    '1 clinicians, 5 event types at Cal.com, 2 differ.',
    'CHANGED  in-person  Dr. Anna de Vries  title, durationMinutes',
    'DELETED  phone  Dr. Anna de Vries',
    `FAILED   Cal.com could not be asked about ${SAMIR}; what is offered stays as it was.`,
  ]);
  expect(mirrorLines({ ...report, dryRun: false, drift: [] }, names)[0]).toBe(
    '1 clinicians, 5 event types at Cal.com, 0 differed and are equal now.',
  );
});
