/** The server that the recordings were made on: its two users, their keys and schedules, and the seven event types of the first (013). */
import type { EventTypeRow } from '../engine/records.ts';
import type { Store } from '../engine/store.ts';

export const RECORDED_BOOKER_URL = 'http://127.0.0.1:5557';

export function seedRecorded(store: Store): void {
  const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];
  const users = [
    { id: 1, username: 'olga', name: 'Olga Host', email: 'olga@example.com', apiKey: 'cal_0123456789abcdef0123456789abcdef' },
    // Of the second user only the key and the id were recorded.
    { id: 2, username: 'other', name: 'Other Host', email: 'other@example.com', apiKey: 'cal_fedcba9876543210fedcba9876543210' },
  ];
  for (const user of users) {
    store.put('users', { ...user, timeZone: 'Europe/Amsterdam', timeFormat: 12, weekStart: 'Monday', defaultScheduleId: user.id });
    store.put('schedules', {
      id: user.id,
      ownerId: user.id,
      name: 'Working hours',
      timeZone: 'Europe/Amsterdam',
      availability: [{ days: weekdays, startTime: '09:00', endTime: '17:00' }],
      overrides: [],
    });
    store.nextId('user');
    store.nextId('schedule');
  }
  for (const eventType of EVENT_TYPES) store.put('eventTypes', { ...BASE, ...eventType, id: store.nextId('eventType') });
}

const BASE: EventTypeRow = {
  id: 0,
  ownerId: 1,
  slug: '',
  title: '',
  description: '',
  length: 30,
  lengthOptions: null,
  locations: [],
  customFields: [],
  recurrence: null,
  slotInterval: null,
  minimumBookingNotice: 120,
  beforeEventBuffer: 0,
  afterEventBuffer: 0,
  requiresConfirmation: false,
  blockUnconfirmed: false,
  seats: null,
  bookingWindow: { disabled: true },
  hidden: false,
  disableGuests: false,
  scheduleId: null,
  price: 0,
  currency: 'usd',
};

const link = (url: string): EventTypeRow['locations'] => [{ type: 'link', link: url, public: true }];

const EVENT_TYPES: Partial<EventTypeRow>[] = [
  {
    slug: 'intro-30',
    title: 'Intro call',
    minimumBookingNotice: 0,
    locations: [{ type: 'address', address: 'Main St 1, Amsterdam', public: true }],
  },
  { slug: 'needs-ok', title: 'Needs confirmation', requiresConfirmation: true, locations: link('https://meet.example.com/olga') },
  {
    slug: 'multi',
    title: 'Variable length',
    lengthOptions: [15, 30, 60],
    slotInterval: 15,
    locations: [{ type: 'phone', phone: '+31201234567', public: true }],
  },
  {
    slug: 'weekly',
    title: 'Weekly sync',
    length: 45,
    recurrence: { interval: 1, occurrences: 3, frequency: 'weekly' },
    locations: link('https://meet.example.com/weekly'),
  },
  {
    slug: 'seats',
    title: 'Workshop',
    length: 60,
    seats: { seatsPerTimeSlot: 2, showAttendeeInfo: true, showAvailabilityCount: true },
    locations: link('https://meet.example.com/w'),
  },
  { slug: 'no-location', title: 'No location given', length: 20, minimumBookingNotice: 0 },
  {
    slug: 'custom-fields',
    title: 'Custom fields',
    locations: link('https://meet.example.com/cf'),
    customFields: [
      { type: 'text', slug: 'company', label: 'Company', required: true, placeholder: 'ACME' },
      { type: 'select', slug: 'size', label: 'Size', required: false, placeholder: 'pick', options: ['small', 'large'] },
    ],
  },
];
