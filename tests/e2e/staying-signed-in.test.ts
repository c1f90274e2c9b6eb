/** A board that is left open: its sign-in is renewed, gateways come and go, and it stays true without being touched. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueToken } from '../../server/auth/issue-token.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { userId } from '../../server/kernel/ids.ts';
import { decodeId } from '../../server/graphql/global-id.ts';
import { type GatewayProcess, startGatewayProcess, temporaryDataDir } from '../support/gateway-process.ts';
import { chromiumPath, launchChromium } from './browser.ts';
import { buildClient } from './built-client.ts';
import { live, openWindow } from './people.ts';
import { personaId } from './person.ts';
import { sandbox, type SandboxBooking, sandboxBookings } from './sandbox.ts';

const START_MS = 120_000;
const SECRET = 'a secret of the browser tests, of more than thirty-two bytes';
/** Renewed after four fifths of it. */
const LIFE_SECONDS = 15;

describe.skipIf(chromiumPath === null)('a board left open', () => {
  const data = temporaryDataDir();
  let gateway: GatewayProcess;
  let browser: Browser;
  let page: Page;
  let operations: Page;
  const sockets: string[] = [];
  let visits: SandboxBooking[];

  /** One visit of tomorrow is cancelled at Cal.com, and leaves the board. */
  const cancelNext = async (): Promise<void> => {
    const visit = visits.shift();
    const card = page
      .locator('[data-column="EXPECTED"]')
      .getByTestId('card')
      .filter({ hasText: nameOf(visit) });
    await card.waitFor();
    await sandbox(gateway.url, 'cancel', { uid: visit?.uid, reason: 'Feeling better' });
    await card.waitFor({ state: 'detached' });
  };

  beforeAll(async () => {
    buildClient();
    gateway = await startGatewayProcess(data.path, { AUTH_JWT_SECRET: SECRET });
    browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'en-GB', timezoneId: 'Europe/Amsterdam' });
    page = await context.newPage();
    page.on('websocket', (socket) => sockets.push(socket.url()));
  }, START_MS);

  afterAll(async () => {
    await browser?.close();
    await gateway?.end('SIGTERM');
    await data.remove();
  }, START_MS);

  test('a sign-in that ends during the day is renewed; nobody sees it, and nothing is missed', { timeout: 60_000 }, async () => {
    await page.goto(`${gateway.url}/nowhere`);
    const session = await shortSession(gateway.url);
    await page.evaluate((value) => sessionStorage.setItem('session', value), JSON.stringify(session));
    await page.goto(`${gateway.url}/board`);
    await live(page).waitFor();
    // Of today there may be nothing left, at whatever hour this runs.
    await page.getByRole('button', { name: 'Next day' }).click();
    await live(page).waitFor();
    visits = await visitsOfTomorrow(gateway.url);
    await watchPill(page);
    const before = sockets.length;
    await expect.poll(() => sockets.length, { timeout: 30_000 }).toBeGreaterThan(before);
    await cancelNext();
    // Past the end of the first token: its socket is closed by now, if it was still there.
    await expect.poll(() => Date.now() > Date.parse(session.expiresAt) + 1_000, { timeout: 30_000 }).toBe(true);
    await cancelNext();
    expect(await pillStates(page)).toEqual(['live']);
    const renewed = await page.evaluate(() => sessionStorage.getItem('session') ?? '');
    expect((JSON.parse(renewed) as { token: string }).token).not.toBe(session.token);
  });

  test('an admin sees how long these changes took to that board, and where the time went', { timeout: 60_000 }, async () => {
    operations = (await openWindow(browser, gateway.url, '/operations', { role: 'ADMIN' })).page;
    await operations.getByTestId('live-figures').getByText('Open dashboards').waitFor();
    // A board reports ten seconds after a change, this page asks every half minute: looking again is quicker.
    const waterfall = operations.getByTestId('waterfall');
    await expect
      .poll(
        async () => (
          await operations.reload(), await operations.getByTestId('latency').locator('h3, summary').first().waitFor(), waterfall.count()
        ),
        {
          timeout: 30_000,
        },
      )
      .toBe(1);
    await waterfall
      .getByRole('button', { name: /^Status changed/ })
      .first()
      .waitFor();
    await waterfall.getByText(/^On the screen .* after Cal\.com's webhook$/).waitFor();
    await operations.getByText('Figures by hour').click();
    expect(await operations.getByRole('row').count()).toBeGreaterThan(1);
  });

  test('a gateway that is restarted is found again, without reloading and without signing in', { timeout: START_MS }, async () => {
    await page.evaluate(() => Object.assign(window, { neverReloaded: true }));
    const { port } = new URL(gateway.url);
    await gateway.end('SIGTERM');
    await page
      .locator('[data-testid="connection"][data-state="stale"]')
      .getByText(/Stale since/)
      .first()
      .waitFor();
    gateway = await startGatewayProcess(data.path, { AUTH_JWT_SECRET: SECRET, PORT: port });
    await live(page).waitFor({ timeout: 30_000 });
    await cancelNext();
    expect(await page.evaluate(() => 'neverReloaded' in window)).toBe(true);
    await operations.getByText(/^No answer; figures of/).waitFor({ state: 'detached' });
  });
});

/** As the tab would have kept it, with a token that is about to end. */
async function shortSession(url: string): Promise<{ token: string; expiresAt: string; personaId: string }> {
  const persona = await personaId(url, 'FRONT_DESK');
  const auth = {
    keys: { kind: 'secret' as const, secret: SECRET },
    issuer: null,
    audience: null,
    provisionPatients: false,
    tokenUrl: null,
  };
  const issued = await issueToken(auth, systemClock, userId(decodeId(persona)?.id ?? ''), LIFE_SECONDS / 60);
  if (!issued.ok) throw new Error(issued.failure);
  return { token: issued.value.token, expiresAt: issued.value.expiresAt.toISOString(), personaId: persona };
}

const nameOf = (visit: SandboxBooking | undefined): string => visit?.attendees[0]?.name ?? '';

/** Of people who come once, so that a card is told by its name. */
async function visitsOfTomorrow(url: string): Promise<SandboxBooking[]> {
  const day = (at: number) => new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Amsterdam' }).format(at);
  const visits = (await sandboxBookings(url)).filter(
    ({ start, status, attendees }) =>
      status === 'accepted' && attendees.length === 1 && day(Date.parse(start)) === day(Date.now() + 86_400_000),
  );
  return visits.filter((visit) => visits.filter((other) => nameOf(other) === nameOf(visit)).length === 1);
}

async function watchPill(page: Page): Promise<void> {
  await page.getByTestId('connection').evaluate((pill) => {
    const states = new Set([pill.getAttribute('data-state') ?? '']);
    Object.assign(window, { pillStates: states });
    new MutationObserver(() => states.add(pill.getAttribute('data-state') ?? '')).observe(pill, { attributes: true });
  });
}

function pillStates(page: Page): Promise<string[]> {
  return page.evaluate(() => [...(window as unknown as { pillStates: Set<string> }).pillStates]);
}
