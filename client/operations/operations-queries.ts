/** What the operations page asks: how live delivery is now, and how long changes took to the screens. */
import { useQuery } from '@apollo/client/react';
import { useMemo } from 'react';
import { graphql } from '../generated/gql.ts';
import type { DeliveryLatencyQuery, DeliveryOrder, LiveStateQuery } from '../generated/graphql.ts';
import { useNow } from '../time/use-now.ts';

const LIVE_STATE = graphql(`
  query LiveState {
    liveStatus {
      streams
      lagMs
      redis
      lastWebhookAt
      asOf
    }
    provenEqual {
      provenAt
      secondsSince
    }
  }
`);

const DELIVERY_LATENCY = graphql(`
  query DeliveryLatency($from: DateTime!, $to: DateTime!, $orderBy: DeliveryOrder!) {
    deliveryLatency(from: $from, to: $to) {
      hour
      samples
      webhooks
      stages {
        stage
        p50Ms
        p95Ms
      }
    }
    deliveryWaterfalls(from: $from, to: $to, orderBy: $orderBy, first: 8) {
      id
      kind
      cause
      receivedAt
      recordedAt
      appliedAt
      publishedAt
      deliveredAt
      paintedAt
      clockErrorMs
    }
  }
`);

export type LiveStatus = LiveStateQuery['liveStatus'];
export type LatencyHour = DeliveryLatencyQuery['deliveryLatency'][number];
export type Waterfall = DeliveryLatencyQuery['deliveryWaterfalls'][number];
export type Span = 24 | 168;

const LIVE_EVERY_MS = 10_000;
const LATENCY_EVERY_MS = 30_000;
const HOUR_MS = 3_600_000;
const skipPollAttempt = (): boolean => document.hidden;

/** The last answer there was; `failed` while the gateway gives none. */
interface Asked<Data> {
  data: Data | undefined;
  failed: boolean;
  retry: () => void;
}

export function useLiveState(): Asked<LiveStateQuery> {
  const { data, previousData, error, refetch } = useQuery(LIVE_STATE, {
    pollInterval: LIVE_EVERY_MS,
    skipPollAttempt,
    fetchPolicy: 'network-only',
  });
  return { data: data ?? previousData, failed: error !== undefined, retry: () => void refetch().catch(() => undefined) };
}

/** Whole hours up to the present one. */
export function useDeliveryLatency(hours: Span, orderBy: DeliveryOrder): Asked<DeliveryLatencyQuery> & { from: number; to: number } {
  const now = useNow(60_000);
  const to = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS;
  const from = to - hours * HOUR_MS;
  const variables = useMemo(() => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), orderBy }), [from, to, orderBy]);
  const { data, previousData, error, refetch } = useQuery(DELIVERY_LATENCY, {
    variables,
    pollInterval: LATENCY_EVERY_MS,
    skipPollAttempt,
    fetchPolicy: 'network-only',
  });
  return { data: data ?? previousData, failed: error !== undefined, retry: () => void refetch().catch(() => undefined), from, to };
}
