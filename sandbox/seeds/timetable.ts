/**
 * Fills today and tomorrow at every start, so that a board is never empty: patients who have been, who sit there now,
 * who come later; some requests, a group, a series, one cancellation, and one clash that somebody must notice.
 * A day is planned from its date, so the same day looks the same wherever it is started.
 */
import { insertBooking, newAttendee } from '../engine/book.ts';
import { overlaps } from '../engine/availability.ts';
import { hash, seededRandom } from '../engine/identifiers.ts';
import { addDays, DAY, dayIn, isoMs, MINUTE, wallClock } from '../engine/instant.ts';
import { bookingLocation } from '../engine/location.ts';
import type { BookingRow, EventTypeRow, UserRow } from '../engine/records.ts';
import type { Interval } from '../engine/working-hours.ts';
import type { World } from '../engine/world.ts';
import { CLINIC_TIME_ZONE } from './clinic.ts';
import { type InventedPatient, PATIENTS, REASONS } from './patients.ts';

const HOUR = 60 * MINUTE;
/** At least so many still to come today for each clinician, while the clinic is open. */
const AHEAD = 3;

/** Nobody is told: the gateway learns of these bookings by its sweep, as of anything from before its time. */
export function fillTimetable(world: World): void {
  const now = world.clock.now();
  const today = dayIn(now, CLINIC_TIME_ZONE);
  for (const date of [today, addDays(today, 1)]) {
    for (const clinician of world.store.all('users')) {
      const key = `timetable ${date} ${clinician.username}`;
      if (world.store.get('marks', key)) continue;
      new DayPlan(world, clinician, date).fill();
      world.store.put('marks', { key, value: isoMs(now) });
    }
  }
  for (const clinician of world.store.all('users')) new DayPlan(world, clinician, today).ensureAhead();
  for (const row of world.store.all('meetingTriggers')) {
    if (row.dueAt <= now) world.store.remove('meetingTriggers', row.key);
  }
  world.store.commit();
}

class DayPlan {
  private readonly world: World;
  private readonly clinician: UserRow;
  private readonly date: string;
  private readonly now: number;
  private readonly random: () => number;
  private readonly types: EventTypeRow[];

  constructor(world: World, clinician: UserRow, date: string) {
    this.world = world;
    this.clinician = clinician;
    this.date = date;
    this.now = world.clock.now();
    this.random = seededRandom(hash(`${date} ${clinician.username} ${world.store.all('bookings').length > 0 ? 'more' : ''}`));
    this.types = world.store.all('eventTypes').filter((row) => row.ownerId === clinician.id);
  }

  fill(): void {
    this.group();
    this.series();
    const { start, end } = this.opening();
    const single = this.types.filter((row) => !row.seats && !row.recurrence);
    const placed: BookingRow[] = [];
    for (let at = start; at < end; ) {
      const eventType = this.pick(single);
      const length = (eventType.lengthOptions ? this.pick(eventType.lengthOptions) : eventType.length) * MINUTE;
      const time = { start: at, end: at + length };
      if (this.random() < 0.72 && time.end <= end && !this.isLunch(time) && this.isFree(time)) {
        placed.push(this.place(eventType, time, this.stateOf(eventType, time)));
        at = roundUp(time.end, 10 * MINUTE);
      } else at += 20 * MINUTE;
    }
    this.cancelOne(placed);
    if (this.clinician.id === 1 && dayIn(this.now, CLINIC_TIME_ZONE) === this.date) this.clash(placed);
  }

  /** Late in the day the morning's plan has run out: add a few more, as long as the clinic is open. */
  ensureAhead(): void {
    const closing = wallClock(this.date, '22:00', CLINIC_TIME_ZONE);
    const eventType = this.types.find((row) => row.slug === 'video-consult');
    if (!eventType) return;
    let ahead = this.taken().filter((row) => row.endTime > this.now && row.startTime < closing).length;
    for (
      let at = roundUp(this.now - 10 * MINUTE, 10 * MINUTE);
      ahead < AHEAD && at + eventType.length * MINUTE <= closing;
      at += 10 * MINUTE
    ) {
      const time = { start: at, end: at + eventType.length * MINUTE };
      if (!this.isFree(time)) continue;
      this.place(eventType, time, 'ACCEPTED');
      ahead += 1;
      at += 30 * MINUTE;
    }
  }

  /** Eight to six, stretched towards now when somebody tries it early or late. */
  private opening(): Interval {
    const at = (time: string): number => wallClock(this.date, time, CLINIC_TIME_ZONE);
    if (dayIn(this.now, CLINIC_TIME_ZONE) !== this.date) return { start: at('08:30'), end: at('17:30') };
    return {
      start: this.now < at('08:30') ? at('07:00') : at('08:00'),
      end: Math.min(Math.max(at('18:00'), this.now + 3 * HOUR), at('22:00')),
    };
  }

  private isLunch(time: Interval): boolean {
    const lunch = { start: wallClock(this.date, '12:30', CLINIC_TIME_ZONE), end: wallClock(this.date, '13:10', CLINIC_TIME_ZONE) };
    return overlaps(time, lunch) && !overlaps(lunch, { start: this.now, end: this.now + HOUR });
  }

  private taken(): BookingRow[] {
    return this.world.store
      .all('bookings')
      .filter((row) => row.userId === this.clinician.id && (row.status === 'ACCEPTED' || row.status === 'PENDING'));
  }

  private isFree(time: Interval): boolean {
    return !this.taken().some((row) => overlaps(time, { start: row.startTime, end: row.endTime }));
  }

  /** A first visit still to come waits for approval more often than not; a past one was decided. */
  private stateOf(eventType: EventTypeRow, time: Interval): 'ACCEPTED' | 'PENDING' {
    return eventType.requiresConfirmation && time.start > this.now && this.random() < 0.7 ? 'PENDING' : 'ACCEPTED';
  }

  private place(
    eventType: EventTypeRow,
    time: Interval,
    state: 'ACCEPTED' | 'PENDING',
    recurringEventId: string | null = null,
  ): BookingRow {
    const patient = this.someoneFree(time);
    const reason = this.pick(REASONS);
    const field = eventType.customFields[0];
    const booking = insertBooking(this.world, {
      eventType: { ...eventType, requiresConfirmation: state === 'PENDING' },
      start: time.start,
      end: time.end,
      booker: bookerOf(patient),
      guests: [],
      fields: { ...(reason !== '' && { notes: reason }), ...(field && { [field.slug]: field.options?.[0] ?? '' }) },
      metadata: {},
      location: bookingLocation(eventType, undefined),
      recurringEventId,
      // Made days ago, but `updatedAt` is now: a sweep by `afterUpdatedAt` must find it.
      createdAt: this.now - Math.floor((1 + this.random() * 9) * DAY),
    });
    return booking;
  }

  /** Nobody sits with two clinicians within the same hours; rather somebody without an appointment that day. */
  private someoneFree(time: Interval): InventedPatient {
    const near = { start: time.start - 2 * HOUR, end: time.end + 2 * HOUR };
    const busy = new Set(
      this.world.store
        .all('bookings')
        .filter((row) => overlaps(near, { start: row.startTime, end: row.endTime }))
        .flatMap((row) => row.attendees.map((attendee) => attendee.email)),
    );
    const free = PATIENTS.filter((patient) => !busy.has(patient.email));
    return this.pick(free.length > 0 ? free : PATIENTS);
  }

  private group(): void {
    const eventType = this.types.find((row) => row.seats);
    if (!eventType) return;
    const start = wallClock(this.date, '15:00', CLINIC_TIME_ZONE);
    const time = { start, end: start + eventType.length * MINUTE };
    if (!this.isFree(time)) return;
    const booking = this.place(eventType, time, 'ACCEPTED');
    const others = PATIENTS.filter((patient) => patient.email !== booking.attendees[0]?.email).slice(0, 3);
    const attendees = others.map((patient) =>
      newAttendee(this.world, bookerOf(patient), {
        uid: this.world.ids.uuid(),
        responses: { name: patient.name, guests: [] },
        metadata: {},
      }),
    );
    this.world.store.put('bookings', { ...booking, attendees: [...booking.attendees, ...attendees] });
  }

  private series(): void {
    const eventType = this.types.find((row) => row.recurrence);
    if (!eventType?.recurrence) return;
    const id = this.world.ids.uuid();
    const first = wallClock(this.date, '11:00', CLINIC_TIME_ZONE);
    if (!this.isFree({ start: first, end: first + eventType.length * MINUTE })) return;
    let patient: BookingRow['attendees'] | undefined;
    for (let week = 0; week < eventType.recurrence.occurrences; week += 1) {
      const start = wallClock(addDays(this.date, 7 * week), '11:00', CLINIC_TIME_ZONE);
      const time = { start, end: start + eventType.length * MINUTE };
      if (!this.isFree(time)) continue;
      const booking = this.place(eventType, time, 'ACCEPTED', id);
      patient ??= booking.attendees;
      const [person] = patient;
      if (person) this.renameTo(booking, person);
    }
  }

  /** The sessions of one series belong to one patient. */
  private renameTo(booking: BookingRow, person: BookingRow['attendees'][number]): void {
    const { id: _id, ...facts } = person;
    this.world.store.put('bookings', {
      ...booking,
      title: booking.title.replace(booking.attendees[0]?.name ?? '', person.name),
      attendees: booking.attendees.map((attendee) => ({ ...attendee, ...facts })),
      responses: { ...booking.responses, name: person.name, email: person.email },
    });
  }

  private cancelOne(placed: BookingRow[]): void {
    const booking = placed.filter((row) => row.status === 'ACCEPTED')[2];
    if (booking) this.world.store.put('bookings', { ...booking, status: 'CANCELLED', cancellationReason: 'Feeling better' });
  }

  /** Two people at one time: legal upstream, and what a board must show. */
  private clash(placed: BookingRow[]): void {
    const booking = placed.findLast((row) => row.status === 'ACCEPTED' && row.startTime > this.now);
    const eventType = this.types.find((row) => row.slug === 'in-person');
    if (!booking || !eventType) return;
    const start = booking.startTime + 10 * MINUTE;
    this.place(eventType, { start, end: start + eventType.length * MINUTE }, 'ACCEPTED');
  }

  private pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.random() * items.length)];
    if (item === undefined) throw new Error('Nothing to pick from');
    return item;
  }
}

const bookerOf = (patient: InventedPatient) => ({ ...patient, phoneNumber: null });

const roundUp = (at: number, step: number): number => Math.ceil(at / step) * step;
