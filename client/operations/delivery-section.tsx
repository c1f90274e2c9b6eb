/** How long changes take from Cal.com to the screens: a curve by hour, the same in figures, and single changes. */
import { SegmentedControl, Skeleton } from '@mantine/core';
import { IconChartLine, IconPlugConnectedX } from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { DeliveryOrder } from '../generated/graphql.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Message, RetryButton } from '../shell/page-states.tsx';
import { LatencyTable } from './latency-table.tsx';
import { type Span, useDeliveryLatency } from './operations-queries.ts';
import { WaterfallPanel } from './waterfall-panel.tsx';
import classes from './operations.module.css';

/** The charts library is larger than the rest of the page. */
const LatencyChart = lazy(() => import('./latency-chart.tsx'));

export function DeliverySection({ timeZone }: { timeZone: string }): ReactNode {
  const { text } = useLanguage();
  const say = text.operations;
  const [hours, setHours] = useState<Span>(24);
  const [orderBy, setOrderBy] = useState<DeliveryOrder>('LATEST');
  const { data, failed, retry, from, to } = useDeliveryLatency(hours, orderBy);
  const show = (): ReactNode => {
    if (data === undefined && failed) {
      return (
        <Message
          compact
          heading="h3"
          icon={<IconPlugConnectedX size={24} stroke={1.5} />}
          title={say.failed}
          action={<RetryButton onClick={retry} />}
        />
      );
    }
    if (data === undefined) return <Skeleton height={300} radius="md" role="status" aria-label={text.frame.loading} />;
    if (data.deliveryLatency.length === 0) {
      return (
        <Message compact heading="h3" icon={<IconChartLine size={24} stroke={1.5} />} title={say.emptyTitle}>
          {say.empty}
        </Message>
      );
    }
    return (
      <>
        <div className={classes.chart} aria-hidden>
          <Suspense fallback={<Skeleton height={260} radius="md" />}>
            <LatencyChart hours={data.deliveryLatency} from={from} to={to} timeZone={timeZone} />
          </Suspense>
        </div>
        <LatencyTable hours={data.deliveryLatency} timeZone={timeZone} />
      </>
    );
  };
  return (
    <>
      <section aria-labelledby="latency" className={classes.section}>
        <div className={classes.sectionHead}>
          <div>
            <h2 id="latency">{say.latency}</h2>
            <p className={classes.quiet}>{say.latencyHint}</p>
          </div>
          <SegmentedControl
            size="sm"
            aria-label={say.span}
            value={String(hours)}
            onChange={(value) => setHours(value === '24' ? 24 : 168)}
            data={[
              { value: '24', label: say.day },
              { value: '168', label: say.week },
            ]}
          />
        </div>
        <div className={classes.panel} data-testid="latency">
          {show()}
        </div>
      </section>
      {data !== undefined && data.deliveryWaterfalls.length > 0 && (
        <WaterfallPanel waterfalls={data.deliveryWaterfalls} timeZone={timeZone} orderBy={orderBy} onOrderBy={setOrderBy} />
      )}
    </>
  );
}
