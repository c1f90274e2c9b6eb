/** The slot part of the composition: everything about free slots, and what the booking use cases need of it. */
import type pg from 'pg';
import type { AppointmentStore } from '../appointments/appointment-store.ts';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { SlotDesk } from '../services.ts';
import type { CalcomCredentials } from '../users/calcom-credentials.ts';
import { createFindSlots } from './find-slots.ts';
import { createHoldSlot } from './hold-slot.ts';
import { createNearestSlots, type NearestSlots } from './nearest-slots.ts';
import type { SharedSlots } from './shared-slots.ts';
import { createSlotCache, type SlotSource } from './slot-cache.ts';
import type { SlotHoldRow } from './slot-holds.ts';

export interface SlotDeskOptions {
  pool: Pick<pg.Pool, 'query'>;
  client: CalcomClient;
  credentials: CalcomCredentials;
  appointments: Pick<AppointmentStore, 'byIds'>;
  clock: Clock;
  config: Pick<Config, 'clinic' | 'slotPatienceMs'>;
  /** What the instances know together; null without Redis. */
  shared?: SharedSlots | null;
  /** Told of each answer, for the metrics. */
  answered?: (source: SlotSource) => void;
}

export interface SlotDeskWithin extends SlotDesk {
  /** A booking, a hold or the working hours of this clinician changed: by us, or seen in a webhook or a sweep. */
  invalidate(clinicianId: string): void;
  /** Event types changed, or nobody knows whose time did. */
  invalidateAll(): void;
  nearest: NearestSlots;
  releaseUpstream(hold: SlotHoldRow): Promise<void>;
}

export function createSlotDesk(options: SlotDeskOptions): SlotDeskWithin {
  const { clock, config } = options;
  const cache = createSlotCache({
    clock,
    patienceMs: config.slotPatienceMs,
    shared: options.shared ?? null,
    ...(options.answered === undefined ? {} : { answered: options.answered }),
  });
  const find = createFindSlots({ ...options, cache });
  const nearest = createNearestSlots({ find, refute: (eventTypeId, asOf) => cache.refute(eventTypeId, asOf.getTime()), clock });
  const holding = createHoldSlot({ ...options, cache, nearest });
  return {
    find,
    nearest,
    hold: holding.hold,
    release: holding.release,
    releaseUpstream: holding.releaseUpstream,
    invalidate: cache.invalidate,
    invalidateAll: cache.invalidateAll,
  };
}
