/** What the board says besides appointments: who is away, and whose access to Cal.com has ended. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayProcess, startGatewayProcess, temporaryDataDir } from '../support/gateway-process.ts';
import { chromiumPath, launchChromium } from './browser.ts';
import { buildClient } from './built-client.ts';
import { live, openWindow } from './people.ts';
import { personaId } from './person.ts';

const START_MS = 120_000;
const SAMIR = 'Dr. Samir Haddad';

describe.skipIf(chromiumPath === null)('notices of the board', () => {
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

  const control = async (operation: string, body: Record<string, unknown>): Promise<void> => {
    const response = await fetch(`${gateway.url}/sandbox/${operation}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status, await response.text()).toBe(200);
  };
  const comeBack = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('focus')));

  test('time off entered at Cal.com is there when the window is looked at again', async () => {
    const { page, complaints } = await openWindow(browser, gateway.url, '/board', { role: 'CLINICIAN', name: SAMIR });
    await live(page).waitFor();
    await page.getByRole('button', { name: 'Next day' }).click();
    const tomorrow = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Amsterdam' }).format(Date.now() + 86_400_000);
    await control('out-of-office', { hostUsername: 'samir-haddad', start: `${tomorrow}T10:30:00Z`, end: `${tomorrow}T11:15:00Z` });
    const away = page.getByTestId('time-off').getByText(/^Dr\. Samir Haddad away \d\d:30–\d\d:15$/);
    await expect.poll(async () => (await comeBack(page), away.isVisible()), { timeout: 15_000 }).toBe(true);
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.locator('li[title^="Dr. Samir Haddad away"]').getByText('Time off').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a clinician whose grant was withdrawn is led to Cal.com again, and may put the notice away', async () => {
    const { page } = await openWindow(browser, gateway.url, '/board', { role: 'CLINICIAN', name: SAMIR });
    await live(page).waitFor();
    const persona = await personaId(gateway.url, 'CLINICIAN', SAMIR);
    await page.goto(`${await connectAs(page, persona)}&sandbox_user=samir-haddad`);
    await page.getByRole('heading', { name: 'Connected to Cal.com' }).waitFor();
    await control('revoke-grants', { hostUsername: 'samir-haddad' });
    await askAs(page, persona, 'mutation { syncUserToCalcom(input: {}) { __typename } }');
    await page.goto(`${gateway.url}/board`);
    await live(page).waitFor();
    const notice = page.getByTestId('reconnect');
    await notice.getByText(`${SAMIR} has to connect to Cal.com again`).waitFor();
    await notice.getByRole('button', { name: 'Connect to Cal.com' }).click();
    await page.waitForURL(/\/auth\/oauth2\/authorize\?/);
    await page.goto(`${gateway.url}/board`);
    await notice.getByRole('button', { name: 'Hide the notice' }).click();
    await page.reload();
    await live(page).waitFor();
    expect(await notice.count()).toBe(0);
  });
});

async function connectAs(page: Page, persona: string): Promise<string> {
  const query = 'mutation { connectCalcom(input: {}) { ... on ConnectCalcomSuccess { authorizationUrl } } }';
  const { connectCalcom } = (await askAs(page, persona, query)) as { connectCalcom: { authorizationUrl: string } };
  return connectCalcom.authorizationUrl;
}

/** In the browser: the way back from Cal.com needs the cookie that it gets here. */
function askAs(page: Page, persona: string, query: string): Promise<unknown> {
  return page.evaluate(
    async ([id, wanted]) => {
      const ask = async (body: unknown, headers: Record<string, string>) => {
        const response = await fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1', ...headers },
          body: JSON.stringify(body),
        });
        return ((await response.json()) as { data: Record<string, { token: string }> }).data;
      };
      const signIn = 'mutation($id: ID!) { signInAs(input: { personaId: $id }) { ... on SignInAsSuccess { token } } }';
      const { signInAs } = await ask({ query: signIn, variables: { id } }, {});
      return ask({ query: wanted }, { authorization: `Bearer ${signInAs?.token}` });
    },
    [persona, query] as const,
  );
}
