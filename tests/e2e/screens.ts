/**
 * Pictures of every page, light and dark, wide and narrow, into test-results/: look at them before calling a page done.
 * `node tests/e2e/screens.ts [address of a running gateway] [only pages whose name contains …]`
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './browser.ts';
import { personaId } from './person.ts';
import { startGatewayProcess, temporaryDataDir } from '../support/gateway-process.ts';
import { buildClient } from './built-client.ts';

const folder = fileURLToPath(new URL('../../test-results', import.meta.url));

interface Scene {
  name: string;
  as: string | null;
  path: string;
  /** Resolves when there is something worth a picture. */
  ready: (page: Page) => Promise<unknown>;
}

const firstSlot = (page: Page) => page.getByTestId('slot').first();

const scenes: Scene[] = [
  { name: 'start', as: null, path: '/', ready: (page) => page.locator('#live-sample').waitFor() },
  { name: 'board-front-desk', as: 'FRONT_DESK', path: '/board', ready: boardReady },
  { name: 'board-clinician', as: 'CLINICIAN', path: '/board', ready: boardReady },
  {
    name: 'board-details',
    as: 'FRONT_DESK',
    path: '/board',
    ready: async (page) => {
      await tomorrowReady(page);
      await page.getByTestId('card').first().getByRole('button', { name: 'Details of' }).click();
      await page.locator('#history').waitFor();
    },
  },
  { name: 'operations', as: 'ADMIN', path: '/operations', ready: (page) => page.getByTestId('live-figures').waitFor() },
  {
    name: 'book-slots',
    as: 'PATIENT',
    path: '/book',
    ready: async (page) => {
      await page.getByRole('radio').first().check();
      await firstSlot(page).waitFor();
    },
  },
  {
    name: 'book-details',
    as: 'PATIENT',
    path: '/book',
    ready: async (page) => {
      await page.getByRole('radio').first().check();
      await firstSlot(page).click();
      await page.getByTestId('hold').waitFor();
    },
  },
  {
    name: 'book-result',
    as: 'PATIENT',
    path: '/book',
    ready: async (page) => {
      await page.getByRole('radio', { name: /^Telephone/ }).check();
      await firstSlot(page).click();
      await page.getByLabel('Telephone number').fill('+31 20 555 01 23');
      await page.getByRole('button', { name: 'Book', exact: true }).click();
      await page.getByTestId('own-appointment').waitFor();
    },
  },
  {
    name: 'book-missing',
    as: 'FRONT_DESK',
    path: '/book',
    ready: async (page) => {
      await page.getByRole('radio', { name: /^Knee/ }).check();
      await firstSlot(page).click();
      await page.getByRole('button', { name: 'Book', exact: true }).click();
    },
  },
  {
    name: 'board-changed',
    as: 'FRONT_DESK',
    path: '/board',
    ready: async (page) => {
      await tomorrowReady(page);
      for (const operation of ['cancel', 'book', 'reschedule'])
        await page.evaluate(
          (name) => fetch(`/sandbox/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
          operation,
        );
      await page.getByTestId('change').filter({ hasText: 'moved' }).first().waitFor();
      await page
        .getByTestId('change')
        .filter({ hasText: 'moved' })
        .first()
        .evaluate((note) => note.scrollIntoView({ block: 'center' }));
    },
  },
  {
    name: 'board-offline',
    as: 'CLINICIAN',
    path: '/board',
    ready: async (page) => {
      await boardReady(page);
      await page.context().setOffline(true);
      await page.locator('[data-testid="connection"][data-state="offline"]').waitFor();
    },
  },
  {
    name: 'board-cancel',
    as: 'FRONT_DESK',
    path: '/board',
    ready: async (page) => {
      await tomorrowReady(page);
      await page.locator('[data-section="EXPECTED"] [aria-haspopup="menu"]').last().click();
      await page.getByRole('menuitem', { name: 'Cancel appointment' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel appointment' }).click();
    },
  },
  { name: 'appointments', as: 'PATIENT', path: '/appointments', ready: (page) => page.locator('#coming').waitFor() },
  {
    name: 'reschedule',
    as: 'FRONT_DESK',
    path: '/board',
    ready: async (page) => {
      await tomorrowReady(page);
      await page.locator('[data-section="EXPECTED"] [aria-haspopup="menu"]').last().click();
      await page.getByRole('menuitem', { name: 'Reschedule' }).click();
      await firstSlot(page).waitFor();
    },
  },
  { name: 'sign-in', as: null, path: '/board', ready: (page) => page.getByRole('heading', { level: 1 }).waitFor() },
  { name: 'not-found', as: null, path: '/nowhere', ready: (page) => page.getByRole('heading', { level: 1 }).waitFor() },
];

/** Tomorrow is full at any hour of today. */
async function tomorrowReady(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Next day' }).click();
  await boardReady(page);
  await page.getByTestId('card').first().waitFor();
}

async function boardReady(page: Page): Promise<void> {
  await page.getByTestId('connection').and(page.locator('[data-state="live"]')).waitFor();
}

async function photograph(browser: Browser, url: string, scene: Scene, scheme: 'light' | 'dark', width: number): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height: width >= 1000 ? (width > 1500 ? 1080 : 768) : 740 },
    colorScheme: scheme,
    locale: 'en-GB',
    timezoneId: 'Europe/Amsterdam',
    reducedMotion: 'reduce',
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(8_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') console.log(`  ${scene.name}: ${message.text()}`);
    });
    page.on('pageerror', (error) => console.log(`  ${scene.name}: ${error.message}`));
    const as = scene.as === null ? '' : `?as=${encodeURIComponent(await personaId(url, scene.as))}`;
    await page.goto(`${url}${scene.path}${as}`);
    await scene.ready(page);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({
      path: path.join(folder, `${scene.name}-${width}-${scheme}.png`),
      fullPage: width < 1000 && !scene.name.startsWith('board'),
    });
  } catch (error) {
    console.log(`  ${scene.name} ${width} ${scheme}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  } finally {
    await context.close();
  }
}

const [address, only = ''] = process.argv.slice(2);
if (address === undefined) buildClient();
const data = temporaryDataDir();
const gateway = address === undefined ? await startGatewayProcess(data.path) : null;
const browser = await launchChromium();
await mkdir(folder, { recursive: true });
for (const scene of scenes.filter(({ name }) => name.includes(only))) {
  for (const width of [1366, 360, 1920]) {
    for (const scheme of ['light', 'dark'] as const) await photograph(browser, address ?? gateway?.url ?? '', scene, scheme, width);
  }
}
await browser.close();
await gateway?.end('SIGTERM');
await data.remove();
