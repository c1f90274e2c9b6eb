/**
 * One clinic in Amsterdam: three clinicians with a key each. The keys are fixed and public: they open this sandbox and nothing else.
 */
import type { EventTypeRow, UserRow } from '../engine/records.ts';
import type { Store } from '../engine/store.ts';

export const CLINIC_TIME_ZONE = 'Europe/Amsterdam';
export const CLINIC_BOOKER_URL = 'https://book.lindengracht.example';

const ADDRESS = 'Lindengracht 12, Amsterdam';
const PHONE = '+31205550142';

export const CLINICIANS: Pick<UserRow, 'id' | 'username' | 'name' | 'email' | 'apiKey'>[] = [
  {
    id: 1,
    username: 'anna-de-vries',
    name: 'Dr. Anna de Vries',
    email: 'anna.devries@lindengracht.example',
    apiKey: 'cal_sandbox_anna_0000000000000000',
  },
  {
    id: 2,
    username: 'samir-haddad',
    name: 'Dr. Samir Haddad',
    email: 'samir.haddad@lindengracht.example',
    apiKey: 'cal_sandbox_samir_000000000000000',
  },
  {
    id: 3,
    username: 'femke-jansen',
    name: 'Femke Jansen',
    email: 'femke.jansen@lindengracht.example',
    apiKey: 'cal_sandbox_femke_000000000000000',
  },
];

/** Wide and daily, so that somebody who tries it on a Sunday evening still finds times. */
const HOURS = { timeZone: CLINIC_TIME_ZONE, startTime: '07:00', endTime: '22:00' };

/** `another`: the same keys open another installation, whose users have other ids and names. */
export function seedClinic(store: Store, another = false, { timeZone, startTime, endTime } = HOURS): void {
  const everyDay = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
  for (const known of CLINICIANS) {
    const clinician = another ? { ...known, id: known.id + 500, username: `${known.username}-2`, email: `second.${known.email}` } : known;
    store.put('users', { ...clinician, timeZone, timeFormat: 24, weekStart: 'Monday', defaultScheduleId: clinician.id });
    store.put('schedules', {
      id: clinician.id,
      ownerId: clinician.id,
      name: 'Clinic hours',
      timeZone,
      availability: [{ days: everyDay, startTime, endTime }],
      overrides: [],
    });
    store.nextId('user');
    store.nextId('schedule');
    for (const eventType of [...COMMON, ...(SPECIAL[known.username] ?? [])]) {
      store.put('eventTypes', { ...BASE, ...eventType, ownerId: clinician.id, id: store.nextId('eventType') });
    }
  }
}

const BASE: EventTypeRow = {
  id: 0,
  ownerId: 0,
  slug: '',
  title: '',
  description: '',
  length: 30,
  lengthOptions: null,
  locations: [],
  customFields: [],
  recurrence: null,
  slotInterval: null,
  minimumBookingNotice: 0,
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
  currency: 'eur',
};

const inPerson: EventTypeRow['locations'] = [{ type: 'address', address: ADDRESS, public: true }];
const byVideo: EventTypeRow['locations'] = [{ type: 'integration', integration: 'cal-video' }];
const byPhone: EventTypeRow['locations'] = [{ type: 'phone', phone: PHONE, public: true }];

const COMMON: Partial<EventTypeRow>[] = [
  { slug: 'video-consult', title: 'Video consultation', length: 30, locations: byVideo, description: 'See your clinician by video.' },
  {
    slug: 'first-visit',
    title: 'First visit',
    length: 45,
    slotInterval: 15,
    requiresConfirmation: true,
    locations: inPerson,
    description: 'For new patients. We confirm your visit ourselves.',
  },
  {
    slug: 'in-person',
    title: 'Visit at the clinic',
    length: 20,
    slotInterval: 10,
    locations: inPerson,
    description: 'A short visit in person.',
  },
];

const SPECIAL: Record<string, Partial<EventTypeRow>[]> = {
  'anna-de-vries': [
    { slug: 'phone-consult', title: 'Telephone consultation', length: 15, locations: byPhone, description: 'We call you.' },
    {
      slug: 'flexible',
      title: 'Consultation of your length',
      length: 30,
      lengthOptions: [15, 30, 60],
      slotInterval: 15,
      locations: byVideo,
      description: 'Choose how much time you need.',
    },
  ],
  'samir-haddad': [
    { slug: 'phone-consult', title: 'Telephone consultation', length: 15, locations: byPhone, description: 'We call you.' },
    {
      slug: 'diabetes-class',
      title: 'Living with diabetes (group)',
      length: 60,
      seats: { seatsPerTimeSlot: 8, showAttendeeInfo: false, showAvailabilityCount: true },
      locations: inPerson,
      description: 'A class for up to eight people.',
    },
  ],
  'femke-jansen': [
    {
      slug: 'physio-series',
      title: 'Physiotherapy',
      length: 45,
      slotInterval: 15,
      recurrence: { interval: 1, occurrences: 4, frequency: 'weekly' },
      locations: inPerson,
      description: 'Four weekly sessions.',
    },
    {
      slug: 'knee-check',
      title: 'Knee check-up',
      length: 20,
      slotInterval: 10,
      locations: inPerson,
      customFields: [
        { type: 'select', slug: 'side', label: 'Which knee?', required: true, placeholder: 'Choose', options: ['left', 'right', 'both'] },
      ],
      description: 'A quick look at how your knee is doing.',
    },
  ],
};
