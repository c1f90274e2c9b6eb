/**
 * A clinician enters time off in the web application, or changes it: slots go, OOO_CREATED is sent. From Cal.com's
 * documentation and source, not recorded; deleting an entry tells nobody.
 */
import { isoMs, zoned } from '../engine/instant.ts';
import type { OutOfOfficeRow, UserRow } from '../engine/records.ts';
import type { World } from '../engine/world.ts';
import { ControlFailure } from './failure.ts';
import * as input from './input.ts';

export interface OutOfOfficeControl {
  /** With the `uuid` of an entry that entry is changed. */
  outOfOffice(body: input.OutOfOfficeInput): Promise<{ uuid: string }>;
  /** Nobody is told. */
  backInOffice(body: input.BackInOfficeInput): { uuid: string };
}

export function createOutOfOffice(world: World): OutOfOfficeControl {
  const { store, ids, clock } = world;
  return {
    outOfOffice: async (body) => {
      const asked = input.outOfOfficeInput.parse(body);
      const user = store.all('users').find((one) => one.username === asked.hostUsername);
      if (!user) throw new ControlFailure(404, `There is no host called ${asked.hostUsername}.`);
      const before = asked.uuid === undefined ? undefined : store.get('outOfOffice', asked.uuid);
      const now = clock.stamp();
      const row: OutOfOfficeRow = {
        id: before?.id ?? store.nextId('outOfOffice'),
        uuid: before?.uuid ?? ids.uuid(),
        userId: user.id,
        start: asked.start,
        end: asked.end,
        notes: asked.notes ?? null,
        createdAt: before?.createdAt ?? now,
        updatedAt: now,
      };
      store.put('outOfOffice', row);
      store.commit();
      const payload = { oooEntry: entryView(row, user) };
      await world.notify({ trigger: 'OOO_CREATED', organizerId: user.id, eventTypeId: null, bookingUid: '', payload });
      return { uuid: row.uuid };
    },
    backInOffice: (body) => {
      const { uuid } = input.backInOfficeInput.parse(body);
      if (!store.get('outOfOffice', uuid)) throw new ControlFailure(404, 'There is no such entry.');
      store.remove('outOfOffice', uuid);
      store.commit();
      return { uuid };
    },
  };
}

function entryView(row: OutOfOfficeRow, user: UserRow): Record<string, unknown> {
  const inZone = (at: number): string => zoned(at, user.timeZone).toString({ smallestUnit: 'second', timeZoneName: 'never' });
  return {
    id: row.id,
    start: inZone(row.start),
    end: inZone(row.end),
    createdAt: isoMs(row.createdAt),
    updatedAt: isoMs(row.updatedAt),
    notes: row.notes,
    reason: { emoji: '🏝️', reason: 'ooo_reasons_vacation' },
    reasonId: 1,
    user: { id: user.id, name: user.name, username: user.username, email: user.email, timeZone: user.timeZone },
    toUser: null,
    uuid: row.uuid,
  };
}
