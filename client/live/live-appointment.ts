/** What every live list knows of an appointment: where it belongs, and the fragments of those who show it. */
import { graphql } from '../generated/gql.ts';

export const LIVE_APPOINTMENT = graphql(`
  fragment LiveAppointment on Appointment {
    id
    version
    startsAt
    endsAt
    status
    careState
    careChangedAt
    seated
    hasConflict
    clinician {
      id
      name
    }
    patient {
      id
      name
    }
    participants {
      id
      name
      careState
      state
    }
    viewerMay
    ...AppointmentCard
    ...AgendaEntry
    ...NextUpEntry
    ...OwnAppointment
    ...SampleRow
  }
`);

export const LIVE_APPOINTMENTS = graphql(`
  query LiveAppointments($filter: AppointmentFilter, $first: Int!, $after: String) {
    appointments(filter: $filter, orderBy: { field: STARTS_AT, direction: ASC }, first: $first, after: $after) {
      nodes {
        id
        version
        ...LiveAppointment
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      changeCursor
    }
  }
`);

export const LIVE_UPDATES = graphql(`
  subscription LiveUpdates($filter: AppointmentLiveFilter, $since: Cursor) {
    appointmentUpdated(filter: $filter, since: $since) {
      kind
      cursor
      appointmentId
      version
      appointment {
        id
        version
        ...LiveAppointment
      }
      changedFields
      previous {
        startsAt
        status
        careState
        clinician {
          id
          name
        }
      }
      cause
      trace {
        receivedAt
        publishedAt
      }
    }
  }
`);
