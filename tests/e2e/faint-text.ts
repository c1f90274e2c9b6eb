/** Text that is hard to read: below the contrast that WCAG 2.2 (1.4.3) asks for, by the colours as they are painted. */
import type { Page } from 'playwright-core';

export async function faintText(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  // The page follows a moment later.
  await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
  return page.evaluate((scheme) => {
    type Colour = [number, number, number, number];
    const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const colour = (css: string): Colour => {
      if (paint === null) throw new Error('No canvas.');
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = css;
      paint.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = paint.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = (top: Colour, under: Colour): Colour => {
      const mixed = (at: 0 | 1 | 2) => top[at] * top[3] + under[at] * (1 - top[3]);
      return [mixed(0), mixed(1), mixed(2), 1];
    };
    const behind = (element: Element | null): Colour =>
      element === null ? [255, 255, 255, 1] : over(colour(getComputedStyle(element).backgroundColor), behind(element.parentElement));
    const opacity = (element: Element | null): number =>
      element === null ? 1 : Number(getComputedStyle(element).opacity) * opacity(element.parentElement);
    const luminance = ([r, g, b]: Colour): number => {
      const [x = 0, y = 0, z = 0] = [r, g, b].map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const faint: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const words = node.textContent?.trim() ?? '';
      if (element === null || words === '') continue;
      const { width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      const seen = opacity(element);
      // Not painted, or of something that cannot be used now.
      if (width < 2 || height < 2 || style.visibility === 'hidden' || style.clipPath !== 'none' || seen === 0) continue;
      if (element.closest('[disabled], [aria-disabled="true"], [data-disabled]') !== null) continue;
      const ground = behind(element);
      const [r, g, b, a] = colour(style.color);
      const [light = 0, dark = 0] = [luminance(over([r, g, b, a * seen], ground)), luminance(ground)].toSorted((x, y) => y - x);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < (large ? 3 : 4.5)) faint.push(`${scheme}: "${words.slice(0, 40)}" ${ratio.toFixed(2)}`);
    }
    return faint;
  }, colorScheme);
}
