/** What the reporter and the clock ask of the gateway. */
import type { ApolloClient } from '@apollo/client';
import { graphql } from '../generated/gql.ts';
import type { DeliverySampleInput } from '../generated/graphql.ts';

const SERVER_TIME = graphql(`
  query ServerTime {
    serverTime
  }
`);

const REPORT_DELIVERY = graphql(`
  mutation ReportDelivery($input: ReportDeliveryInput!) {
    reportDelivery(input: $input) {
      ... on ReportDeliverySuccess {
        nextReportInMs
      }
    }
  }
`);

export async function askServerTime(client: ApolloClient): Promise<number> {
  // Each of several questions must be asked.
  const { data } = await client.query({ query: SERVER_TIME, fetchPolicy: 'no-cache', context: { queryDeduplication: false } });
  if (data === undefined) throw new Error('The gateway answered without a time.');
  return Date.parse(data.serverTime);
}

/** When the next report is welcome, ms; null when it does not say. */
export async function reportDelivery(client: ApolloClient, samples: DeliverySampleInput[]): Promise<number | null> {
  const { data } = await client.mutate({ mutation: REPORT_DELIVERY, variables: { input: { samples } }, fetchPolicy: 'no-cache' });
  return data?.reportDelivery.__typename === 'ReportDeliverySuccess' ? data.reportDelivery.nextReportInMs : null;
}
