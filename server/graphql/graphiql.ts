/**
 * GraphiQL at /graphql: one page with everything in it, so that it works offline. It opens with sample operations for
 * each persona and is never handed the app's token: who wants to be somebody pastes a token into its headers, which are
 * not kept.
 */
import type { GraphiQLOptions } from 'graphql-yoga';

/**
 * Yoga's GraphiQL hands the headers of a tab to HTTP requests only; a subscription over WebSocket would never be signed
 * in. Its executor takes connection params from an operation's extensions, so the headers are put there too (a test
 * notices when an update of the package has moved this place).
 */
const HEADERS_FOR_HTTP = 'extensions:{headers:y?.headers}';
const HEADERS_FOR_BOTH = 'extensions:{headers:y?.headers,connectionParams:y?.headers}';

/** The module is 9 MB of text: loaded when somebody first opens the page. */
export async function renderGraphiql(options?: GraphiQLOptions): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL(options).replace(HEADERS_FOR_HTTP, HEADERS_FOR_BOTH);
}

const SIGN_IN = `# Who can I be? (sandbox only)
query WhoCanIBe {
  demoPersonas { id name role description }
}

# Take an id from above, put it into "Variables" below as { "personaId": "…" }, run this,
# and paste the token into "Headers" of any tab:
#   { "Authorization": "Bearer <token>" }
# Outside the sandbox: npm run cli -- token --email you@example.org
mutation SignIn($personaId: ID!) {
  signInAs(input: { personaId: $personaId }) {
    __typename
    ... on SignInAsSuccess { token expiresAt persona { name role } }
    ... on UserError { code message }
  }
}
`;

const PATIENT = `# As a patient (Headers: { "Authorization": "Bearer <token>" })
query WhatMayIBook {
  clinicians {
    name
    eventTypes { id title durationMinutes consultationTypes requiresConfirmation }
  }
}

# Variables: { "eventTypeId": "…", "from": "2026-12-07T00:00:00Z", "to": "2026-12-14T00:00:00Z" }
query FreeTimes($eventTypeId: ID!, $from: DateTime!, $to: DateTime!) {
  slots(eventTypeId: $eventTypeId, from: $from, to: $to, timeZone: "Europe/Amsterdam") {
    __typename
    ... on SlotList { stale asOf nextFreeDay slots { startsAt localStart } }
    ... on UserError { code message }
  }
}

# Variables: { "input": { "clientMutationKey": "<a new UUID>", "eventTypeId": "…", "startsAt": "…", "timeZone": "Europe/Amsterdam" } }
mutation Book($input: BookAppointmentInput!) {
  bookAppointment(input: $input) {
    __typename
    ... on BookAppointmentSuccess { appointments { id version status startsAt clinician { name } } }
    ... on SlotTaken { nearest { startsAt localStart } }
    ... on InvalidInput { fields { path message } }
    ... on UserError { code message retryable }
  }
}

query MyAppointments {
  appointments(first: 20) {
    nodes { id version status careState startsAt endsAt clinician { name } eventType { title } viewerMay }
  }
}
`;

const CLINICIAN = `# As a clinician (Headers: { "Authorization": "Bearer <token>" })
query MyDay {
  viewer { user { name } clinician { id } }
  appointments(first: 50, filter: { statuses: [REQUESTED, CONFIRMED] }) {
    totalCount
    changeCursor
    nodes {
      id version status careState startsAt durationMinutes hasConflict
      patient { name }
      participants { id name careState }
      eventType { title }
      viewerMay
    }
  }
}

# Live, over WebSocket. Variables: { "since": "<changeCursor>" }, or none to begin now.
subscription Live($since: Cursor) {
  appointmentUpdated(since: $since) {
    kind cursor version cause
    appointment { id status careState startsAt patient { name } }
    previous { startsAt status careState }
    trace { receivedAt appliedAt publishedAt }
  }
}

# Variables: { "input": { "appointmentId": "…", "careState": "IN_ROOM" } }
mutation MoveAlong($input: SetCareStateInput!) {
  setCareState(input: $input) {
    __typename
    ... on SetCareStateSuccess { appointment { id version careState } }
    ... on InvalidTransition { from to }
    ... on UserError { code message }
  }
}
`;

const FRONT_DESK = `# As the front desk (Headers: { "Authorization": "Bearer <token>" })
query WholeClinic {
  appointments(first: 100, orderBy: { field: STARTS_AT, direction: ASC }) {
    nodes { id status careState startsAt clinician { name } patient { name phone } viewerMay }
  }
}

# Every search is audited. Variables: { "search": "an" }
query FindPatient($search: String!) {
  patients(search: $search, first: 10) {
    nodes { id name email phone }
    pageInfo { hasNextPage endCursor }
  }
}

# Variables: { "id": "…" }
query WhatHappened($id: ID!) {
  appointment(id: $id) {
    startsAt status
    history(first: 20) {
      nodes { at kind cause changedFields actor { name } previous { startsAt status } current { startsAt status } }
    }
  }
}
`;

export const SAMPLE_OPERATIONS = [SIGN_IN, PATIENT, CLINICIAN, FRONT_DESK];

export const GRAPHIQL_OPTIONS: GraphiQLOptions = {
  title: 'Fintan Gateway – GraphiQL',
  subscriptionsProtocol: 'WS',
  defaultTabs: SAMPLE_OPERATIONS.map((query) => ({ query })),
  shouldPersistHeaders: false,
  credentials: 'omit',
};
