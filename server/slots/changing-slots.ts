/** Whatever is recorded of a booking changes the free slots of its hosts; what is known of them ends in the same breath. */
import type { BookingRecorder } from '../appointments/record-booking.ts';
import type { SlotDeskWithin } from './slot-desk.ts';

export function changingSlots(recorder: BookingRecorder, slots: Pick<SlotDeskWithin, 'invalidate'>): BookingRecorder {
  return {
    ...recorder,
    async record(observations, context) {
      const result = await recorder.record(observations, context);
      // What a person has just changed may have been recorded by another instance, from the webhook.
      if (result.changes > 0 || context.cause === 'MUTATION') for (const id of result.clinicians) slots.invalidate(id);
      return result;
    },
  };
}
