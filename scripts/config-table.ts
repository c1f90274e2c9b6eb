/** The README's configuration table, from the variables that server/config.ts reads. `node scripts/config-table.ts` prints it. */
import { variables } from '../server/config-variables.ts';

export function configTable(): string {
  const rows = variables.map(
    ({ name, meaning, unit, default: standard }) => `| \`${name}\` | ${meaning}${unit === undefined ? '' : ` (${unit})`} | ${standard} |`,
  );
  return ['| Variable | Meaning | Default |', '|---|---|---|', ...rows].join('\n');
}

if (import.meta.main) console.log(configTable());
