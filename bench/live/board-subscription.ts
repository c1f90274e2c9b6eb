/** What the board's page asks for: the same text for the gateway and for every peer. */
const FIELDS = `id version startsAt endsAt durationMinutes timeZone status careState consultationType reason hasConflict
      clinician { id name } patient { id name } eventType { id title } participants { name careState }`;

/**
 * The payloads of `subscribe` for so many groups. With several of them the document has Boolean variables that its selection uses,
 * each group with other values: the results look the same, yet a server that shares what equal subscribers get cannot know that.
 */
export function boardSubscriptions(groups: number): string[] {
  const bits = Array.from({ length: Math.ceil(Math.log2(groups)) }, (_, bit) => `v${bit}`);
  const declared = bits.map((name) => `, $${name}: Boolean!`).join('');
  const used = bits.map((name) => ` id @include(if: $${name})`).join('');
  const query = `subscription Board($filter: AppointmentLiveFilter, $since: Cursor${declared}) {
  appointmentUpdated(filter: $filter, since: $since) {
    kind cursor appointmentId version changedFields
    trace { receivedAt recordedAt appliedAt publishedAt }
    appointment { ${FIELDS}${used} }
  }
}`;
  const filter = { startsBefore: new Date(Date.UTC(2100, 0, 1)).toISOString() };
  return Array.from({ length: groups }, (_, group) => {
    const variables = Object.fromEntries(bits.map((name, bit) => [name, (group & (1 << bit)) !== 0]));
    return JSON.stringify({ query, variables: { filter, ...variables } });
  });
}

/** Of somebody who is in no group. */
export const boardSubscription = boardSubscriptions(1)[0] ?? '';

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
