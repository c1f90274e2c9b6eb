/** Controls that a screen reader could not name, as short descriptions; and other things no page may have. */
import type { Page } from 'playwright-core';

export function unnamedControls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const nameOf = (element: Element): string => {
      const labelledBy = element.getAttribute('aria-labelledby') ?? '';
      const labels = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? [...(element.labels ?? [])] : [];
      return [
        element.getAttribute('aria-label'),
        ...labelledBy.split(' ').map((id) => document.getElementById(id)?.textContent),
        ...labels.map((label) => label.textContent),
        element.textContent,
      ]
        .map((text) => text?.trim() ?? '')
        .join('');
    };
    const controls = document.querySelectorAll(
      'button, a[href], input:not([type=hidden]), select, textarea, [role=button], [tabindex="0"]',
    );
    return [...controls].filter((element) => nameOf(element) === '').map((element) => element.outerHTML.slice(0, 120));
  });
}

/** What every page must have once: a main landmark, one first-level heading, a language, unique ids. */
export function structuralFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    return [
      ...(document.querySelectorAll('main').length === 1 ? [] : ['not exactly one main landmark']),
      ...(document.querySelectorAll('h1').length === 1 ? [] : [`${document.querySelectorAll('h1').length} first-level headings`]),
      ...(document.documentElement.lang === '' ? ['no language'] : []),
      ...[...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))].map((id) => `the id ${id} twice`),
      ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['it scrolls sideways'] : []),
    ];
  });
}
