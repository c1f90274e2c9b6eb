/** The control page: make things happen as a patient or a host would, break things, watch the deliveries. One file, no assets, no network but its own API. */
import { readFileSync } from 'node:fs';

const HTML = readFileSync(new URL('./page.html', import.meta.url), 'utf8');

export const controlPage = (): string => HTML;
