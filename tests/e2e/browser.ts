/**
 * Chromium through playwright-core: CHROMIUM_PATH, or Debian's. Machines without one skip the browser tests and say so.
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const DEBIAN = '/usr/bin/chromium';

export const chromiumPath: string | null = process.env.CHROMIUM_PATH ?? (existsSync(DEBIAN) ? DEBIAN : null);

export const noChromium = 'No Chromium here: set CHROMIUM_PATH or install it (apt-get install chromium).';

/** Flags for containers: no sandbox of its own, no GPU, no traffic of its own. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchChromium(): Promise<Browser> {
  if (chromiumPath === null) throw new Error(noChromium);
  return chromium.launch({ executablePath: chromiumPath, args: FLAGS });
}
