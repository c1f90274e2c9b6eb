/** What a start says at the terminal: where to go, in a few lines. Colour only where there is a terminal. */
import type { ResolvedConfig } from './surroundings.ts';

export interface Announcement {
  config: ResolvedConfig;
  url: string;
  /** Sandbox only: who one can be. */
  personas: { name: string; role: string }[];
  colour: boolean;
}

export function announcement({ config, url, personas, colour }: Announcement): string {
  const bold = (text: string) => (colour ? `\x1b[1m${text}\x1b[0m` : text);
  const dim = (text: string) => (colour ? `\x1b[2m${text}\x1b[0m` : text);
  const row = (name: string, address: string, note = '') => `    ${name.padEnd(10)}${bold(address)}${note === '' ? '' : `  ${dim(note)}`}`;
  const lines = ['', `  ${bold('Fintan Gateway')} is ready: ${config.clinic.name}, ${config.clinic.timeZone}`, ''];
  if (config.sandbox) lines.push(row('Start', url, 'choose who to be, make something happen'));
  lines.push(row('Board', `${url}/board`), row('GraphiQL', `${url}/graphql`));
  if (config.sandbox) {
    const names = personas.map((person) => `${person.name} (${person.role.toLowerCase().replaceAll('_', ' ')})`);
    lines.push('', `    ${dim('People')}    ${wrap(names, 92).join(`\n${' '.repeat(14)}`)}`);
    lines.push('', `    ${dim(`A sandbox: its own Cal.com, invented people. Everything is kept in ${config.dataDir}.`)}`);
  } else {
    lines.push('', `    ${dim(`Cal.com at ${config.calcom.apiUrl}, webhooks at ${url}/api/calcom/webhooks`)}`);
  }
  lines.push(`    ${dim('Ctrl-C stops it.')}`, '');
  return lines.join('\n');
}

function wrap(words: string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 2 <= width) lines[lines.length - 1] = `${last}, ${word}`;
    else lines.push(word);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line},` : line));
}
