/** One chart as the text of an SVG. */
import * as echarts from 'echarts';
import type { BarChart, Chart, LineChart } from '../bench.ts';

const WIDTH = 760;
const HEIGHT = 400;
const BAR_HEIGHT = 44;
const COLOURS = ['#0f766e', '#6b7280', '#b45309', '#6d28d9', '#be123c'];

export function svgOf(chart: Chart): string {
  const height = 'bars' in chart ? 110 + chart.bars.length * BAR_HEIGHT : HEIGHT;
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  drawing.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    color: COLOURS,
    textStyle: { fontFamily: 'sans-serif' },
    title: { text: chart.title, left: 16, top: 10, textStyle: { fontSize: 15 } },
    ...('bars' in chart ? barsOf(chart) : linesOf(chart)),
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return `${svg}\n`;
}

function linesOf(chart: LineChart) {
  const axis = { type: 'log' as const, nameLocation: 'middle' as const, axisLabel: { formatter: inWords } };
  return {
    // Its guess of how wide a text is falls short without a browser.
    legend: { top: 38, left: 12, itemGap: 36 },
    grid: { left: 70, right: 30, top: 80, bottom: 50 },
    xAxis: { ...axis, name: chart.x, nameGap: 30, min: 'dataMin' as const },
    yAxis: { ...axis, name: chart.y, nameGap: 50 },
    series: chart.lines.map(({ name, points }) => ({
      type: 'line' as const,
      name,
      data: points.map((point) => [...point]),
      symbolSize: 7,
    })),
  };
}

function barsOf(chart: BarChart) {
  return {
    grid: { left: 210, right: 60, top: 50, bottom: 50 },
    xAxis: { type: 'value' as const, name: chart.x, nameLocation: 'middle' as const, nameGap: 30 },
    yAxis: { type: 'category' as const, data: chart.bars.map((bar) => bar.name), inverse: true },
    series: [
      {
        type: 'bar' as const,
        data: chart.bars.map((bar) => bar.value),
        label: { show: true, position: 'right' as const, formatter: '{c}' },
        barWidth: '60%',
      },
    ],
  };
}

function inWords(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000} M`;
  return value >= 10_000 ? `${value / 1_000} k` : String(Number(value.toPrecision(3)));
}
