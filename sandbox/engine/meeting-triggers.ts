/** MEETING_STARTED and MEETING_ENDED wait in rows of their own and are sent by the clock, not by people (MEASURED "Webhooks"). */
import { meetingBody } from '../webhooks/meeting-body.ts';
import { subscribersOf } from '../webhooks/subscribers.ts';
import { DAY } from './instant.ts';
import type { BookingRow, MeetingTriggerRow } from './records.ts';
import type { World } from './world.ts';

const KINDS = ['MEETING_STARTED', 'MEETING_ENDED'] as const;

/** Freezes the bodies for those who are subscribed now; a webhook made later gets none for this booking. */
export function scheduleMeetingTriggers(world: World, booking: BookingRow, afterApproval: boolean): void {
  for (const trigger of KINDS) {
    for (const webhook of subscribersOf(world, { trigger, organizerId: booking.userId, eventTypeId: booking.eventTypeId })) {
      world.store.put('meetingTriggers', {
        key: `${booking.uid} ${trigger} ${webhook.id}`,
        bookingUid: booking.uid,
        webhookId: webhook.id,
        subscriberUrl: webhook.subscriberUrl,
        trigger,
        dueAt: trigger === 'MEETING_STARTED' ? booking.startTime : booking.endTime,
        body: meetingBody(world, booking, afterApproval),
      });
    }
  }
}

export function dropMeetingTriggers(world: World, bookingUid: string): void {
  for (const row of world.store.all('meetingTriggers')) {
    if (row.bookingUid === bookingUid) world.store.remove('meetingTriggers', row.key);
  }
}

/**
 * Takes what is due out of the table, whether or not it can be delivered: one attempt each.
 * Ended before started when both are due, as observed; older than a day is thrown away unsent.
 */
export function takeDueMeetingTriggers(world: World): MeetingTriggerRow[] {
  const now = world.clock.now();
  const due = world.store.all('meetingTriggers').filter((row) => row.dueAt <= now);
  for (const row of due) world.store.remove('meetingTriggers', row.key);
  world.store.commit();
  return due.filter((row) => row.dueAt > now - DAY).sort((a, b) => a.trigger.localeCompare(b.trigger) || a.dueAt - b.dueAt);
}
