/** What holds for every page: names for every control, one heading and landmark, no sideways scrolling, no complaints. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayProcess, startGatewayProcess, temporaryDataDir } from '../support/gateway-process.ts';
import { chromiumPath, launchChromium } from './browser.ts';
import { buildClient } from './built-client.ts';
import { faintText } from './faint-text.ts';
import { live, openWindow } from './people.ts';
import { structuralFaults, unnamedControls } from './unnamed-controls.ts';

const START_MS = 120_000;

interface Scene {
  path: string;
  as: string | null;
  ready: (page: Page) => Promise<unknown>;
}

const scenes: Record<string, Scene> = {
  'the start page': { path: '/', as: null, ready: (page) => page.locator('#live-sample').waitFor() },
  'the board': { path: '/board', as: 'FRONT_DESK', ready: (page) => live(page).waitFor() },
  'the board, asked to sign in': { path: '/board', as: null, ready: (page) => page.getByRole('heading', { level: 1 }).waitFor() },
  booking: {
    path: '/book',
    as: 'PATIENT',
    ready: async (page) => {
      await page.getByRole('radio').first().check();
      await page.getByTestId('slot').first().waitFor();
    },
  },
  'booking, the details': {
    path: '/book',
    as: 'FRONT_DESK',
    ready: async (page) => {
      await page.getByRole('radio').first().check();
      await page.getByTestId('slot').first().click();
      await page.getByTestId('hold').waitFor();
    },
  },
  'the board, asked by an auditor': {
    path: '/board',
    as: 'AUDITOR',
    ready: (page) => page.getByRole('heading', { name: 'The board shows patients' }).waitFor(),
  },
  'the own appointments': { path: '/appointments', as: 'PATIENT', ready: (page) => page.locator('#coming').waitFor() },
  'operations, before anything was reported': {
    path: '/operations',
    as: 'ADMIN',
    ready: (page) => page.getByRole('heading', { name: 'No screen has reported yet' }).waitFor(),
  },
  'operations, asked by a clinician': {
    path: '/operations',
    as: 'CLINICIAN',
    ready: (page) => page.getByRole('heading', { name: 'This page is for administrators' }).waitFor(),
  },
  'a page that does not exist': { path: '/nowhere', as: null, ready: (page) => page.getByRole('heading', { level: 1 }).waitFor() },
};

describe.skipIf(chromiumPath === null)('every page', () => {
  const data = temporaryDataDir();
  let gateway: GatewayProcess;
  let browser: Browser;

  beforeAll(async () => {
    buildClient();
    gateway = await startGatewayProcess(data.path);
    browser = await launchChromium();
  }, START_MS);

  afterAll(async () => {
    await browser?.close();
    await gateway?.end('SIGTERM');
    await data.remove();
  }, START_MS);

  const sizes = { wide: { width: 1366, height: 768 }, narrow: { width: 360, height: 740 } };
  for (const [name, scene] of Object.entries(scenes)) {
    for (const [width, size] of Object.entries(sizes)) {
      test(`${name}, ${width}: controls have names, text can be read, the structure is sound, nothing complains`, async () => {
        const { page, context, complaints } = await openWindow(
          browser,
          gateway.url,
          scene.path,
          scene.as === null ? null : { role: scene.as },
          size,
        );
        await scene.ready(page);
        expect(await unnamedControls(page)).toEqual([]);
        expect(await structuralFaults(page)).toEqual([]);
        for (const scheme of ['light', 'dark'] as const) expect(await faintText(page, scheme)).toEqual([]);
        expect(complaints).toEqual([]);
        await context.close();
      });
    }
  }

  test('the board fits a screen of 1366×768 without scrolling the page', async () => {
    const { page, context } = await openWindow(browser, gateway.url, '/board', { role: 'FRONT_DESK' });
    await live(page).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight)).toBe(0);
    await context.close();
  });

  test('the language can be changed, and the page says which one it is in', async () => {
    const { page, context } = await openWindow(browser, gateway.url, '/board', null);
    await page.getByRole('button', { name: 'Language: English' }).click();
    await page.getByRole('menuitem', { name: 'Deutsch' }).click();
    await page.getByRole('heading', { name: 'Bitte anmelden' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de-DE');
    await context.close();
  });
});
