/** A free start instant of an event type, as Cal.com computed it. Instants are UTC. */
export interface Slot {
  startsAt: Date;
  endsAt: Date;
  /** Wall clock time in `timeZone`, for instance `2026-12-07T09:00`. */
  localStart: string;
  /** The zone asked for. */
  timeZone: string;
  /** Null when the event type has no seats. */
  seatsLeft: number | null;
}

export interface SlotList {
  slots: Slot[];
  /** True when Cal.com is slow or away and this is the last known answer. */
  stale: boolean;
  /** When Cal.com said so. */
  asOf: Date;
  /** Start of the next day with a free slot after the range, when the range has none; null when unknown. */
  nextFreeDay: Date | null;
}
