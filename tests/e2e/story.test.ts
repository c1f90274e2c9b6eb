/** The whole story in a browser, against the real thing: two people, two windows, Cal.com's sandbox in between. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findSandbox } from '../../server/start/sandbox-process.ts';
import { type GatewayProcess, startGatewayProcess, temporaryDataDir } from '../support/gateway-process.ts';
import { chromiumPath, launchChromium, noChromium } from './browser.ts';
import { buildClient } from './built-client.ts';
import { cardOf, column, live, openWindow, type Window } from './people.ts';
import { bookedAt as namesAt } from './person.ts';
import { sandbox, sandboxBookings, sandboxItself } from './sandbox.ts';

if (chromiumPath === null) console.log(`Skipped: browser tests. ${noChromium}`);

const PATIENT = 'Noor van Dijk';
const CLINICIAN = 'Dr. Anna de Vries';
const START_MS = 120_000;

describe.skipIf(chromiumPath === null)('the story of one appointment', () => {
  const data = temporaryDataDir();
  let gateway: GatewayProcess;
  let browser: Browser;
  let patient: Window;
  let clinician: Window;
  /** The times of the chosen day, as the patient was offered them. */
  let times: string[];
  let bookedAt: string;
  let uid: string;

  beforeAll(async () => {
    buildClient();
    gateway = await startGatewayProcess(data.path);
    browser = await launchChromium();
    patient = await openWindow(browser, gateway.url, '/book', { role: 'PATIENT', name: PATIENT });
    clinician = await openWindow(browser, gateway.url, '/board', { role: 'CLINICIAN', name: CLINICIAN });
  }, START_MS);

  afterAll(async () => {
    await browser?.close();
    await gateway?.end('SIGTERM');
    await data.remove();
  }, START_MS);

  test('a patient is offered times and keeps one while filling in the form', async () => {
    const { page } = patient;
    await page.getByRole('radio', { name: /^Video consultation/ }).check();
    await page.getByRole('radio', { name: CLINICIAN }).check();
    // A whole day ahead: today may be nearly over wherever this runs.
    await page
      .getByRole('button', { name: /: \d+ times$/ })
      .nth(1)
      .click();
    const slots = page.getByTestId('slot');
    await slots.first().waitFor();
    times = await slots.locator('time:first-child').evaluateAll((all) => all.map((each) => each.getAttribute('datetime') ?? ''));
    bookedAt = times[0] ?? '';
    await slots.first().click();
    await page.getByTestId('hold').waitFor();
    await page.getByLabel('Reason for the visit').fill('Renewal of a prescription');
  });

  test('what the patient books appears on the clinician’s open board, without reloading', async () => {
    await showDay(clinician.page, bookedAt);
    await live(clinician.page).waitFor();
    await clinician.page.evaluate(() => Object.assign(window, { neverReloaded: true }));
    await patient.page.getByRole('button', { name: 'Book', exact: true }).click();
    await patient.page.getByRole('heading', { name: 'Your appointment is confirmed' }).waitFor();
    const card = cardOf(column(clinician.page, 'Expected').page(), PATIENT).filter({ hasText: clock(bookedAt) });
    await card.waitFor();
    await card.getByTestId('change').getByText('new').waitFor();
    const booking = (await sandboxBookings(gateway.url)).findLast(
      (each) => Date.parse(each.start) === Date.parse(bookedAt) && each.status === 'accepted',
    );
    uid = booking?.uid ?? '';
    expect(uid).not.toBe('');
  });

  test('a move in Cal.com shows on the board as moved, in words, and the patient sees it too', async () => {
    const to = times.at(-1) ?? '';
    const moved = await sandbox(gateway.url, 'reschedule', { uid, start: to, by: 'host' });
    uid = moved.uid;
    const card = cardOf(clinician.page, PATIENT).filter({ hasText: clock(to) });
    await card
      .getByTestId('change')
      .getByText(`moved ${clock(bookedAt)} → ${clock(to)}`)
      .waitFor();
    await card.getByText(/s after Cal\.com/).waitFor();
    await patient.page
      .getByTestId('own-appointment')
      .getByText(`moved ${clock(bookedAt)} → ${clock(to)}`)
      .waitFor();
    await expect.poll(() => clinician.page.getByTestId('announcer').textContent()).toContain('moved');
  });

  test('a clinician checks in by keyboard and takes it back', async () => {
    const { page } = clinician;
    const card = page.locator('[data-column="EXPECTED"]').getByTestId('card').filter({ hasText: PATIENT });
    await card.focus();
    await page.keyboard.press('c');
    await page.locator('[data-column="ARRIVED"]').getByTestId('card').filter({ hasText: PATIENT }).waitFor();
    await page.getByText(`${PATIENT}: Arrived`).waitFor();
    await page.keyboard.press('u');
    await card.waitFor();
  });

  test('a window that loses its network says so, and catches up without reloading', async () => {
    const { page, context } = clinician;
    await context.setOffline(true);
    await page.locator('[data-testid="connection"][data-state="offline"]').waitFor();
    const free = times.at(-3) ?? '';
    await sandbox(gateway.url, 'book', {
      hostUsername: await usernameOf(`${gateway.url}/sandbox/state`, CLINICIAN),
      eventTypeSlug: 'video-consult',
      start: free,
      attendee: { name: 'Willemijn Offline', email: 'willemijn.offline@example.com' },
    });
    // Recorded while this window is away, not just on its way.
    await expect.poll(() => namesAt(gateway.url, free), { timeout: 10_000 }).toContain('Willemijn Offline');
    await context.setOffline(false);
    await live(page).waitFor();
    await cardOf(page, 'Willemijn Offline').waitFor();
    await page.getByRole('button', { name: /changes? while you were away/ }).waitFor();
  });

  test('the arrow keys move between cards', async () => {
    const { page } = clinician;
    const cards = page.locator('[data-column="EXPECTED"]').getByTestId('card');
    await cards.first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await cards.nth(1).evaluate((card) => card === document.activeElement)).toBe(true);
  });

  test(
    'the board survives a kill of the gateway, and Cal.com goes on meanwhile',
    async () => {
      const { page } = clinician;
      const { port } = new URL(gateway.url);
      await gateway.end('SIGKILL');
      await page.locator('[data-testid="connection"][data-state="stale"]').waitFor();
      // Its webhook finds nobody at home: the sweep of the next start does.
      const calcom = findSandbox(data.path)?.url ?? '';
      await sandboxItself(calcom, 'book', {
        hostUsername: await usernameOf(`${calcom}/_control/state`, CLINICIAN),
        eventTypeSlug: 'video-consult',
        start: times.at(-5) ?? '',
        attendee: { name: 'Xander Tussentijds', email: 'xander.tussentijds@example.com' },
      });
      gateway = await startGatewayProcess(data.path, { PORT: port });
      await live(page).waitFor({ timeout: 30_000 });
      await cardOf(page, 'Xander Tussentijds').waitFor();
    },
    START_MS,
  );

  test('a cancellation in Cal.com folds the card away', async () => {
    const { page } = clinician;
    await sandbox(gateway.url, 'cancel', { uid, reason: 'Feeling better' });
    await page.locator('[data-column="EXPECTED"]').getByTestId('card').filter({ hasText: PATIENT }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Cancelled/ }).click();
    await page.locator('[data-column="CANCELLED"]').getByTestId('card').filter({ hasText: PATIENT }).first().waitFor();
    expect(await page.evaluate(() => 'neverReloaded' in window)).toBe(true);
  });

  test('the patient sees the cancellation, and may see it among the own appointments', async () => {
    const { page } = patient;
    await page.getByRole('heading', { name: 'The appointment was cancelled' }).waitFor();
    await page.getByRole('link', { name: 'All my appointments' }).click();
    await page.getByTestId('own-appointment').and(page.locator('[data-status="CANCELLED"]')).first().waitFor();
  });

  test('no page complained', () => {
    expect(clinician.complaints).toEqual([]);
    expect(patient.complaints).toEqual([]);
  });
});

/** As the board writes it. */
function clock(at: string): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Amsterdam' }).format(Date.parse(at));
}

/** Goes forward on the board to the day of this instant. */
async function showDay(page: Page, at: string): Promise<void> {
  const wanted = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'Europe/Amsterdam' }).format(
    Date.parse(at),
  );
  const title = page.getByRole('heading', { level: 1 });
  await title.waitFor();
  for (let day = 0; day < 28 && (await title.textContent()) !== wanted; day += 1)
    await page.getByRole('button', { name: 'Next day' }).click();
  expect(await title.textContent()).toBe(wanted);
}

async function usernameOf(state: string, name: string): Promise<string> {
  const response = await fetch(state);
  const { users } = (await response.json()) as { users: { username: string; name: string }[] };
  return users.find((user) => user.name === name)?.username ?? '';
}
