/** One chart as the text of an SVG. */
import * as echarts from 'echarts';
import type { Chart } from '../bench.ts';

const WIDTH = 760;
const HEIGHT = 400;
const COLOURS = ['#0f766e', '#6b7280', '#b45309', '#6d28d9', '#be123c'];

export function svgOf(chart: Chart): string {
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const axis = chart.logarithmic ? ('log' as const) : ('value' as const);
  drawing.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    color: COLOURS,
    textStyle: { fontFamily: 'sans-serif' },
    title: { text: chart.title, left: 16, top: 10, textStyle: { fontSize: 15 } },
    legend: { top: 36, left: 12 },
    grid: { left: 70, right: 30, top: 80, bottom: 50 },
    xAxis: { type: axis, name: chart.x, nameLocation: 'middle', nameGap: 30, axisLabel: { formatter: inWords } },
    yAxis: { type: axis, name: chart.y, nameLocation: 'middle', nameGap: 50, axisLabel: { formatter: inWords } },
    series: chart.lines.map(({ name, points }) => ({
      type: 'line' as const,
      name,
      data: points.map((point) => [...point]),
      symbolSize: 7,
    })),
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return `${svg}\n`;
}

function inWords(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000} M`;
  return value >= 10_000 ? `${value / 1_000} k` : String(Number(value.toPrecision(3)));
}
