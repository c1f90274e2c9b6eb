/** Browser windows of the sandbox's people. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { personaId } from './person.ts';

export interface Window {
  context: BrowserContext;
  page: Page;
  /** Errors of the page and of its content policy so far. */
  complaints: string[];
}

export async function openWindow(
  browser: Browser,
  url: string,
  path: string,
  who: { role: string; name?: string } | null,
  size: { width: number; height: number } = { width: 1366, height: 768 },
): Promise<Window> {
  const context = await browser.newContext({ viewport: size, locale: 'en-GB', timezoneId: 'Europe/Amsterdam' });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/ERR_INTERNET_DISCONNECTED|WebSocket connection to|ERR_CONNECTION_REFUSED/.test(message.text()))
      complaints.push(message.text());
  });
  const as = who === null ? '' : `${path.includes('?') ? '&' : '?'}as=${encodeURIComponent(await personaId(url, who.role, who.name))}`;
  await page.goto(`${url}${path}${as}`);
  return { context, page, complaints };
}

export const live = (page: Page): Locator => page.locator('[data-testid="connection"][data-state="live"]');

export const cardOf = (page: Page, name: string): Locator => page.getByTestId('card').filter({ hasText: name });

export const column = (page: Page, title: string): Locator => page.getByRole('region', { name: title });
