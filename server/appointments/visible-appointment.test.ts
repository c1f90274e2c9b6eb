import { expect, test } from 'vitest';
import { initials } from './visible-appointment.ts';

test.each([
  ['Mia Bakker', 'M. B.'],
  ['Ana María de Vries', 'A. V.'],
  ['van der Berg, Jan', 'V. J.'],
  ['Cher', 'C.'],
  ['élodie o’Neill', 'É. O.'],
  ['李小龍', '李.'],
  ['  Zoë   Ångström ', 'Z. Å.'],
  ['mia@example.com', 'M.'],
  ['…', '–'],
  ['', '–'],
])('%s on the wall is %s', (name, shown) => {
  expect(initials(name)).toBe(shown);
});
