/** Event types as API version 2024-04-15 lists them: groups per profile, database names (018). */
import type { CustomField, EventTypeLocation, EventTypeRow, UserRow } from '../../engine/records.ts';
import { FREQUENCY } from '../../webhooks/booked-payload.ts';

export function legacyEventTypeGroups(user: UserRow, eventTypes: EventTypeRow[], bookerUrl: string): Record<string, unknown> {
  const image = `${bookerUrl}/avatar.svg`;
  return {
    eventTypeGroups: [
      {
        teamId: null,
        bookerUrl,
        membershipRole: null,
        profile: { slug: user.username, name: user.name, image },
        eventTypes: eventTypes.map((eventType) => legacyEventTypeView(eventType, user)),
        metadata: { membershipCount: 1, readOnly: false },
      },
    ],
    profiles: [{ slug: user.username, name: user.name, image, membershipCount: 1, readOnly: false, teamId: null, membershipRole: null }],
    allUsersAcrossAllEventTypes: {},
  };
}

export function legacyEventTypeView(eventType: EventTypeRow, owner: UserRow): Record<string, unknown> {
  return {
    id: eventType.id,
    teamId: null,
    schedulingType: null,
    userId: eventType.ownerId,
    metadata: eventType.lengthOptions ? { multipleDuration: eventType.lengthOptions } : {},
    description: eventType.description || null,
    interfaceLanguage: null,
    hidden: eventType.hidden,
    slug: eventType.slug,
    length: eventType.length,
    title: eventType.title,
    requiresConfirmation: eventType.requiresConfirmation,
    canSendCalVideoTranscriptionEmails: true,
    requiresConfirmationForFreeEmail: false,
    requiresConfirmationWillBlockSlot: eventType.blockUnconfirmed,
    autoTranslateDescriptionEnabled: false,
    position: 0,
    offsetStart: 0,
    owner: { timeZone: owner.timeZone },
    profileId: null,
    eventName: null,
    parentId: null,
    timeZone: null,
    periodType: 'disabled' in eventType.bookingWindow ? 'UNLIMITED' : 'ROLLING',
    periodStartDate: null,
    periodEndDate: null,
    periodDays: typeof periodDays(eventType) === 'number' ? periodDays(eventType) : null,
    periodCountCalendarDays: null,
    lockTimeZoneToggleOnBookingPage: false,
    lockedTimeZone: null,
    requiresBookerEmailVerification: false,
    disableGuests: eventType.disableGuests,
    disableCancelling: false,
    disableRescheduling: false,
    allowReschedulingCancelledBookings: false,
    hideCalendarNotes: false,
    minimumBookingNotice: eventType.minimumBookingNotice,
    beforeEventBuffer: eventType.beforeEventBuffer,
    afterEventBuffer: eventType.afterEventBuffer,
    seatsPerTimeSlot: eventType.seats?.seatsPerTimeSlot ?? null,
    onlyShowFirstAvailableSlot: false,
    allowReschedulingPastBookings: false,
    hideOrganizerEmail: false,
    seatsShowAttendees: eventType.seats?.showAttendeeInfo ?? false,
    seatsShowAvailabilityCount: eventType.seats?.showAvailabilityCount ?? true,
    scheduleId: eventType.scheduleId,
    instantMeetingScheduleId: null,
    price: eventType.price,
    currency: eventType.currency,
    slotInterval: eventType.slotInterval,
    successRedirectUrl: null,
    isInstantEvent: false,
    instantMeetingExpiryTimeOffsetInSeconds: 90,
    instantMeetingParameters: [],
    aiPhoneCallConfig: null,
    assignAllTeamMembers: false,
    isRRWeightsEnabled: false,
    rescheduleWithSameRoundRobinHost: false,
    recurringEvent: recurringEventOf(eventType),
    locations: eventType.locations.map(legacyLocation),
    bookingFields: legacyFields(eventType),
    useEventTypeDestinationCalendarEmail: false,
    secondaryEmailId: null,
    bookingLimits: null,
    durationLimits: null,
    eventTypeColor: null,
    hideCalendarEventDetails: false,
    rrSegmentQueryValue: null,
    assignRRMembersUsingSegment: false,
    maxLeadThreshold: null,
    useEventLevelSelectedCalendars: false,
    customReplyToEmail: null,
    restrictionScheduleId: null,
    useBookerTimezone: false,
    instantMeetingSchedule: null,
    hashedLink: [],
    children: [],
    hosts: [],
    team: null,
    userIds: [eventType.ownerId],
  };
}

export const recurringEventOf = ({ recurrence }: EventTypeRow): Record<string, unknown> | null =>
  recurrence && { freq: FREQUENCY[recurrence.frequency], count: recurrence.occurrences, interval: recurrence.interval };

function periodDays({ bookingWindow }: EventTypeRow): unknown {
  return 'value' in bookingWindow ? bookingWindow.value : null;
}

function legacyLocation(location: EventTypeLocation): Record<string, unknown> {
  switch (location.type) {
    case 'address':
      return { type: 'inPerson', address: location['address'], displayLocationPublicly: location['public'] ?? true };
    case 'link':
      return { link: location['link'], type: 'link', displayLocationPublicly: location['public'] ?? true };
    case 'phone':
      return { type: 'userPhone', hostPhoneNumber: location['phone'], displayLocationPublicly: location['public'] ?? true };
    case 'integration':
      return { type: 'integrations:daily' };
    default:
      return { type: location.type };
  }
}

const DEFAULT_SOURCE = [{ id: 'default', type: 'default', label: 'Default' }];

function legacyFields(eventType: EventTypeRow): Record<string, unknown>[] {
  const optional = { editable: 'system-but-optional', sources: DEFAULT_SOURCE };
  return [
    {
      name: 'name',
      type: 'name',
      sources: DEFAULT_SOURCE,
      variant: 'fullName',
      editable: 'system',
      required: true,
      defaultLabel: 'your_name',
      variantsConfig: {
        variants: {
          fullName: { fields: [{ name: 'fullName', type: 'text', required: true }] },
          firstAndLastName: {
            fields: [
              { name: 'firstName', type: 'text', label: '', required: true, placeholder: '' },
              { name: 'lastName', type: 'text', label: '', required: false, placeholder: '' },
            ],
          },
        },
      },
    },
    { name: 'email', type: 'email', sources: DEFAULT_SOURCE, editable: 'system', required: true, defaultLabel: 'email_address' },
    {
      name: 'location',
      type: 'radioInput',
      sources: DEFAULT_SOURCE,
      editable: 'system',
      required: false,
      defaultLabel: 'location',
      getOptionsAt: 'locations',
      optionsInputs: {
        phone: { type: 'phone', required: true, placeholder: '' },
        somewhereElse: { type: 'text', required: true, placeholder: '' },
        attendeeInPerson: { type: 'address', required: true, placeholder: '' },
      },
      hideWhenJustOneOption: true,
    },
    ...eventType.customFields.map(legacyCustomField),
    {
      name: 'title',
      type: 'text',
      hidden: true,
      ...optional,
      required: true,
      defaultLabel: 'what_is_this_meeting_about',
      defaultPlaceholder: '',
    },
    {
      name: 'notes',
      type: 'textarea',
      ...optional,
      required: false,
      defaultLabel: 'additional_notes',
      defaultPlaceholder: 'share_additional_notes',
    },
    {
      name: 'guests',
      type: 'multiemail',
      hidden: false,
      ...optional,
      required: false,
      defaultLabel: 'additional_guests',
      defaultPlaceholder: 'email',
    },
    {
      name: 'rescheduleReason',
      type: 'textarea',
      views: [{ id: 'reschedule', label: 'Reschedule View' }],
      ...optional,
      required: false,
      defaultLabel: 'reason_for_reschedule',
      defaultPlaceholder: 'reschedule_placeholder',
    },
  ];
}

const legacyCustomField = (field: CustomField): Record<string, unknown> => ({
  name: field.slug,
  type: field.type,
  label: field.label,
  hidden: false,
  ...(field.options && { options: field.options.map((option) => ({ label: option, value: option })) }),
  sources: [{ id: 'user', type: 'user', label: 'User', fieldRequired: true }],
  editable: 'user',
  required: field.required,
  placeholder: field.placeholder ?? '',
  disableOnPrefill: false,
});
