/** Pictures of tables, drawn by ECharts, which is installed with the peers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Chart } from './bench.ts';
import type { Installed } from './install-peers.ts';

const FOLDER = path.join(import.meta.dirname, 'charts');

/** Markdown that shows them, or says why there are none. */
export async function drawCharts(charts: readonly Chart[], peers: Installed): Promise<string> {
  if (charts.length === 0) return '';
  if (!peers.ok) return `\n\nNo chart: ${peers.reason}.`;
  // Not a plain import: where the peers are not installed this file still loads.
  const { svgOf } = (await import(new URL('peers/draw.ts', import.meta.url).href)) as { svgOf: (chart: Chart) => string };
  mkdirSync(FOLDER, { recursive: true });
  for (const chart of charts) writeFileSync(path.join(FOLDER, `${chart.name}.svg`), svgOf(chart));
  return charts.map((chart) => `\n\n![${chart.title}](charts/${chart.name}.svg)`).join('');
}
