/**
 * Every field that Cal.com was seen to send, or documents (CONTRACT 4 and 8), also those that nobody here reads: what is
 * not here is news. A missing entry does no harm but a line in `calcomStatus`.
 */
const set = (names: string): ReadonlySet<string> => new Set(names.split(/\s+/).filter((name) => name !== ''));

export const bookingFieldNames = set(`
  absentHost attendees bookingFieldsResponses cancellationReason cancelledByEmail createdAt description duration end eventType
  eventTypeId guests hosts icsUid id location meetingUrl metadata rating recurringBookingUid rescheduledByEmail
  rescheduledFromUid rescheduledToUid reschedulingReason seatUid start status title uid updatedAt`);

export const bookingAttendeeFieldNames = set('absent bookingFieldsResponses email language metadata name phoneNumber seatUid timeZone');

export const bookingHostFieldNames = set('email id name timeZone username');

/** CREATED, REQUESTED, RESCHEDULED, CANCELLED, REJECTED, PAYMENT_INITIATED and PAID. */
export const bookingPayloadFieldNames = set(`
  additionalNotes appsStatus assignmentReason attendeeSeatId attendees bookerUrl bookingId cancellationReason cancelledBy
  conferenceData currency customInputs customReplyToEmail description destinationCalendar disableCancelling
  disableRescheduling endTime eventDescription eventTitle eventTypeId guests hashedLink hideCalendarEventDetails
  hideCalendarNotes hideOrganizerEmail iCalSequence iCalUID length location metadata oneTimePassword organizationId organizer
  paymentId platformBookingUrl platformCancelUrl platformClientId platformRescheduleUrl price recurringEvent rejectionReason
  requestReschedule requiresConfirmation rescheduleEndTime rescheduleId rescheduleStartTime rescheduleUid rescheduledBy
  responses schedulingType seatsPerTimeSlot seatsShowAttendees seatsShowAvailabilityCount smsReminderNumber startTime status
  team title type uid userFieldsResponses videoCallData`);

export const noShowPayloadFieldNames = set('attendees bookingId bookingUid message');

/** Of later releases (CONTRACT 8): the envelope's own. */
export const envelopeFieldNames = set('attendeeIcsContent createdAt organizerIcsContent payload triggerEvent');
