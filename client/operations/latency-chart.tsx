/** p50 and p95 of the whole way, by hour; hours without webhooks are gaps. The table beneath says the same in words. */
import '@mantine/core/styles/ColorSwatch.layer.css';
import '@mantine/charts/styles.layer.css';
import { LineChart } from '@mantine/charts';
import { type ReactNode, useMemo } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { clockTime, shortDay } from '../time/clinic-time.ts';
import { durationWords } from './duration-words.ts';
import type { LatencyHour } from './operations-queries.ts';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

export default function LatencyChart(props: { hours: readonly LatencyHour[]; from: number; to: number; timeZone: string }): ReactNode {
  const { hours, from, to, timeZone } = props;
  const { text, language } = useLanguage();
  const say = text.operations;
  const data = useMemo(() => {
    const known = new Map(hours.map((each) => [Date.parse(each.hour), each.stages.find(({ stage }) => stage === 'TOTAL')]));
    const daily = (to - from) / HOUR_MS <= DAY_HOURS;
    return Array.from({ length: (to - from) / HOUR_MS }, (_, index) => {
      const at = from + index * HOUR_MS;
      const instant = new Date(at).toISOString();
      const total = known.get(at);
      const clock = clockTime(instant, timeZone, language.tag);
      return {
        hour: daily ? clock : `${shortDay(instant, timeZone, language.tag)} ${clock}`,
        p50: total?.p50Ms ?? null,
        p95: total?.p95Ms ?? null,
      };
    });
  }, [hours, from, to, timeZone, language.tag]);
  return (
    <LineChart
      h={260}
      data={data}
      dataKey="hour"
      series={[
        { name: 'p50', label: say.p50, color: 'var(--brand)' },
        { name: 'p95', label: say.p95, color: 'var(--violet)', strokeDasharray: '5 4' },
      ]}
      curveType="linear"
      connectNulls={false}
      withLegend
      valueFormatter={(value) => durationWords(value, language.tag)}
      yAxisProps={{ width: 64 }}
      xAxisProps={{ minTickGap: 40, interval: 'preserveStart' }}
      gridColor="var(--line)"
      textColor="var(--ink-3)"
      strokeWidth={2}
      dotProps={{ r: 3 }}
      tooltipAnimationDuration={0}
      lineProps={{ isAnimationActive: false }}
      lineChartProps={{ accessibilityLayer: false }}
    />
  );
}
