/** An event type as API version 2024-06-14 shows it (013, 020, 225). */
import type { CustomField, EventTypeRow, UserRow } from '../../engine/records.ts';

/** `list` leaves out the hidden "title" field; `created` adds `calVideoSettings` (MEASURED 015 against 020, 225). */
export function eventTypeView(eventType: EventTypeRow, owner: UserRow, as: 'list' | 'one' | 'created'): Record<string, unknown> {
  return {
    id: eventType.id,
    ownerId: eventType.ownerId,
    lengthInMinutes: eventType.length,
    ...(eventType.lengthOptions && { lengthInMinutesOptions: eventType.lengthOptions }),
    title: eventType.title,
    slug: eventType.slug,
    description: eventType.description,
    locations: eventType.locations,
    bookingFields: bookingFields(eventType, as !== 'list'),
    recurrence: eventType.recurrence && {
      disabled: false,
      interval: eventType.recurrence.interval,
      occurrences: eventType.recurrence.occurrences,
      frequency: eventType.recurrence.frequency,
    },
    disableGuests: eventType.disableGuests,
    slotInterval: eventType.slotInterval,
    minimumBookingNotice: eventType.minimumBookingNotice,
    beforeEventBuffer: eventType.beforeEventBuffer,
    afterEventBuffer: eventType.afterEventBuffer,
    metadata: eventType.lengthOptions ? { multipleDuration: eventType.lengthOptions } : {},
    price: eventType.price,
    currency: eventType.currency,
    lockTimeZoneToggleOnBookingPage: false,
    forwardParamsSuccessRedirect: true,
    successRedirectUrl: null,
    isInstantEvent: false,
    users: [
      {
        id: owner.id,
        name: owner.name,
        username: owner.username,
        avatarUrl: null,
        brandColor: null,
        darkBrandColor: null,
        weekStart: owner.weekStart,
        metadata: {},
      },
    ],
    scheduleId: eventType.scheduleId,
    onlyShowFirstAvailableSlot: false,
    offsetStart: 0,
    bookingWindow: eventType.bookingWindow,
    confirmationPolicy: eventType.requiresConfirmation
      ? { type: 'always', blockUnconfirmedBookingsInBooker: eventType.blockUnconfirmed }
      : { disabled: true },
    requiresBookerEmailVerification: false,
    hideCalendarNotes: false,
    seats: eventType.seats ? { disabled: false, ...eventType.seats } : { disabled: true },
    useDestinationCalendarEmail: false,
    hideCalendarEventDetails: false,
    hideOrganizerEmail: false,
    ...(as === 'created' && { calVideoSettings: null }),
    hidden: eventType.hidden,
    bookingRequiresAuthentication: false,
  };
}

function bookingFields(eventType: EventTypeRow, withTitle: boolean): Record<string, unknown>[] {
  return [
    { isDefault: true, type: 'name', slug: 'name', required: true, disableOnPrefill: false },
    standard('email', 'email', true),
    { isDefault: true, type: 'radioInput', slug: 'location', required: false, hidden: false },
    ...eventType.customFields.map(customField),
    ...(withTitle ? [{ ...standard('text', 'title', true), hidden: true }] : []),
    standard('textarea', 'notes', false),
    standard('multiemail', 'guests', false),
    standard('textarea', 'rescheduleReason', false),
  ];
}

const standard = (type: string, slug: string, required: boolean): Record<string, unknown> => ({
  isDefault: true,
  type,
  slug,
  required,
  disableOnPrefill: false,
  hidden: false,
});

const customField = (field: CustomField): Record<string, unknown> => ({
  isDefault: false,
  type: field.type,
  slug: field.slug,
  label: field.label,
  required: field.required,
  ...(field.placeholder !== undefined && { placeholder: field.placeholder }),
  disableOnPrefill: false,
  ...(field.options && { options: field.options }),
  hidden: false,
});
