/** What an Appointment is. (The pure rules are filled in by the lead.) */
export type AppointmentStatus = 'REQUESTED' | 'CONFIRMED' | 'CANCELLED' | 'DECLINED';
export type CareState = 'EXPECTED' | 'ARRIVED' | 'IN_ROOM' | 'WITH_CLINICIAN' | 'DONE' | 'NO_SHOW';
export type ConsultationType = 'VIDEO' | 'AUDIO' | 'IN_PERSON';
