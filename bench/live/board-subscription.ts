/** What the board's page asks for: the same text for the gateway and for every peer. */
const QUERY = `subscription Board($filter: AppointmentLiveFilter, $since: Cursor) {
  appointmentUpdated(filter: $filter, since: $since) {
    kind cursor appointmentId version changedFields
    trace { receivedAt recordedAt appliedAt publishedAt }
    appointment { id version startsAt endsAt durationMinutes timeZone status careState consultationType reason hasConflict
      clinician { id name } patient { id name } eventType { id title } participants { name careState } }
  }
}`;

/** The payload of `subscribe`; each `number` with a filter of its own, which lets everything through. */
export function boardSubscriptionWithFilter(number: number): string {
  return JSON.stringify({
    query: QUERY,
    variables: { filter: { startsBefore: new Date(Date.UTC(2100, 0, 1, 0, 0, number)).toISOString() } },
  });
}

export const boardSubscription = boardSubscriptionWithFilter(0);

/** The value of `appointmentUpdated` in the text of a result: a graphql-ws message, or a server-sent event. */
export function updateIn(result: string): string {
  const event = result.indexOf('data: ');
  const { data } =
    event >= 0 && !result.startsWith('{')
      ? (JSON.parse(result.slice(event + 'data: '.length)) as Answer)
      : (JSON.parse(result) as { payload: Answer }).payload;
  return JSON.stringify(data.appointmentUpdated);
}

interface Answer {
  data: { appointmentUpdated: unknown };
}
