/** Many things at once: a random mix of operations, eight at a time, as fast as they go. */
import { candidates, freeStarts } from './pick.ts';
import { ControlFailure } from './failure.ts';
import type { Actions } from './actions.ts';
import type { World } from '../engine/world.ts';

export interface BurstAnswer {
  /** Operations that went through, by name. */
  done: Record<string, number>;
  /** Those that the rules refused: a slot just taken, nothing to confirm. */
  refused: number;
}

type Step = 'book' | 'reschedule' | 'cancel' | 'confirm' | 'decline' | 'noShow' | 'requestReschedule';

const MIX: Step[] = [
  ...Array<Step>(8).fill('book'),
  ...Array<Step>(5).fill('reschedule'),
  ...Array<Step>(3).fill('cancel'),
  ...Array<Step>(2).fill('confirm'),
  'decline',
  'noShow',
  'requestReschedule',
];
const AT_ONCE = 8;

export async function burst(world: World, actions: Actions, count: number): Promise<BurstAnswer> {
  const done: Record<string, number> = {};
  let refused = 0;
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const step = world.ids.pick(MIX);
      try {
        await run(world, actions, step);
        done[step] = (done[step] ?? 0) + 1;
      } catch (failure) {
        if (!(failure instanceof ControlFailure)) throw failure;
        refused += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
  return { done, refused };
}

/** Not always the nearest booking, else a burst would only ever touch one. */
async function run(world: World, actions: Actions, step: Step): Promise<void> {
  switch (step) {
    case 'book': {
      const eventType = world.ids.pick(world.store.all('eventTypes').filter((row) => !row.seats && !row.recurrence));
      const starts = freeStarts(world, eventType);
      if (starts.length === 0) throw new ControlFailure(409, 'No free time.');
      const host = world.store.get('users', eventType.ownerId);
      await actions.book({
        eventTypeSlug: eventType.slug,
        ...(host && { hostUsername: host.username }),
        start: new Date(world.ids.pick(starts)).toISOString(),
      });
      return;
    }
    case 'reschedule': {
      const uid = someUid(world, 'live');
      await actions.reschedule({ uid, by: world.ids.pick(['patient', 'host']) });
      return;
    }
    case 'cancel':
      await actions.cancel({ uid: someUid(world, 'live'), by: world.ids.pick(['patient', 'host']) });
      return;
    case 'confirm':
      await actions.confirm({ uid: someUid(world, 'pending') });
      return;
    case 'decline':
      await actions.decline({ uid: someUid(world, 'pending') });
      return;
    case 'noShow':
      await actions.noShow({ uid: someUid(world, 'any-live'), absent: world.ids.random() < 0.8 });
      return;
    case 'requestReschedule':
      await actions.requestReschedule({ uid: someUid(world, 'live') });
      return;
  }
}

function someUid(world: World, wanted: 'live' | 'pending' | 'any-live'): string {
  const near = candidates(world, wanted).slice(0, 40);
  if (near.length === 0) throw new ControlFailure(409, 'Nothing to choose from.');
  return world.ids.pick(near).uid;
}
