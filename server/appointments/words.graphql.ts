/** The enumerations of appointments, with what each value means. */
import { builder } from '../graphql/builder.ts';

export const AppointmentStatus = builder.enumType('AppointmentStatus', {
  description: 'What Cal.com says of the booking.',
  values: {
    REQUESTED: { description: 'Waits for the host or for a payment.' },
    CONFIRMED: { description: 'Will take place.' },
    CANCELLED: { description: 'Called off.' },
    DECLINED: { description: 'Refused by the host.' },
  },
});

export const CareState = builder.enumType('CareState', {
  description: 'Where the visit stands; decided here, not by Cal.com.',
  values: {
    EXPECTED: { description: 'Not here yet.' },
    ARRIVED: { description: 'In the waiting room.' },
    IN_ROOM: { description: 'In the consultation room.' },
    WITH_CLINICIAN: { description: 'The consultation is under way.' },
    DONE: { description: 'Over.' },
    NO_SHOW: { description: 'Did not come.' },
  },
});

export const ConsultationType = builder.enumType('ConsultationType', {
  description: 'How patient and clinician meet.',
  values: {
    VIDEO: { description: 'By video.' },
    AUDIO: { description: 'By telephone.' },
    IN_PERSON: { description: 'At a place.' },
  },
});

export const ParticipantState = builder.enumType('ParticipantState', {
  description: 'Whether a person still takes part.',
  values: {
    ACTIVE: { description: 'Takes part.' },
    CANCELLED: { description: 'Gave up the seat.' },
    MOVED: { description: 'Took a seat at another time.' },
  },
});

export const ChangeCause = builder.enumType('ChangeCause', {
  description: 'How a change came here.',
  values: {
    WEBHOOK: { description: 'Cal.com told us.' },
    SWEEP: { description: 'Found by asking Cal.com.' },
    MUTATION: { description: 'Somebody did it here.' },
    LINKING: { description: 'A person was linked to a record.' },
  },
});

export const CHANGE_KINDS = {
  CREATED: { description: 'First seen.' },
  RESCHEDULED: { description: 'Moved to another time.' },
  STATUS_CHANGED: { description: 'Confirmed, declined or cancelled.' },
  CARE_CHANGED: { description: 'The visit moved on.' },
  CLINICIAN_CHANGED: { description: 'Given to another clinician.' },
  MERGED: { description: 'Two records turned out to be one appointment.' },
  UPDATED: { description: 'Anything else.' },
} as const;

export const AppointmentChangeKind = builder.enumType('AppointmentChangeKind', {
  description: 'What a change did to an appointment.',
  values: CHANGE_KINDS,
});
