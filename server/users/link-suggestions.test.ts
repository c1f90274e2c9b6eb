import { expect, test } from 'vitest';
import { userId } from '../kernel/ids.ts';
import { type LinkCandidate, suggestLink } from './link-suggestions.ts';

const candidate = (id: string, sameEmail: boolean, sameName: boolean): LinkCandidate => ({
  patient: {
    id: userId(id),
    role: 'PATIENT',
    name: id,
    email: null,
    emailVerified: false,
    phone: null,
    timezone: 'UTC',
    locale: 'en',
    disabledAt: null,
    identityIssuer: null,
    identitySubject: null,
  },
  sameEmail,
  sameName,
});

const BOTH = (id: string) => candidate(id, true, true);
const EMAIL = (id: string) => candidate(id, true, false);
const NAME = (id: string) => candidate(id, false, true);

test.each([
  ['nobody for nobody', [], null],
  ['the only one with the e-mail', [EMAIL('a')], 'a'],
  ['the only one with the name', [NAME('a')], 'a'],
  ['the one with both, whoever else has one of them', [EMAIL('a'), BOTH('b'), NAME('c')], 'b'],
  ['nobody of two with both', [BOTH('a'), BOTH('b')], null],
  ['nobody of a family in which no name fits', [EMAIL('a'), EMAIL('b')], null],
  ['nobody of two namesakes', [NAME('a'), NAME('b')], null],
  ['nobody when one has the e-mail and another the name', [EMAIL('a'), NAME('b')], null],
])('%s', (_sentence, candidates, expected) => {
  expect(suggestLink(candidates)?.id ?? null).toBe(expected);
});
