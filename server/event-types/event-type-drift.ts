/** Where our copy of a clinician's event types differs from Cal.com's. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { EventTypeFacts } from './event-type.ts';

/** MISSING: Cal.com offers it and we do not. DELETED: we offer it, Cal.com no longer does. */
export type EventTypeDriftKind = 'MISSING' | 'CHANGED' | 'DELETED';

export interface EventTypeDrift {
  kind: EventTypeDriftKind;
  clinicianId: string;
  eventTypeId: number;
  slug: string;
  title: string;
  /** With CHANGED: names of the facts that differ. */
  fields: string[];
}

/** `ours`: what is offered here, deleted ones left out. By id. */
export function driftBetween(clinicianId: string, ours: readonly EventTypeFacts[], upstream: readonly EventTypeFacts[]): EventTypeDrift[] {
  const known = new Map(ours.map((eventType) => [eventType.id, eventType]));
  const there = new Set(upstream.map(({ id }) => id));
  const found = (kind: EventTypeDriftKind, { id, slug, title }: EventTypeFacts, fields: string[]): EventTypeDrift => ({
    kind,
    clinicianId,
    eventTypeId: id,
    slug,
    title,
    fields,
  });
  const differing = upstream.flatMap((eventType) => {
    const before = known.get(eventType.id);
    if (before === undefined) return [found('MISSING', eventType, [])];
    const fields = differences(before, eventType);
    return fields.length === 0 ? [] : [found('CHANGED', eventType, fields)];
  });
  const gone = ours.filter(({ id }) => !there.has(id)).map((eventType) => found('DELETED', eventType, []));
  return [...differing, ...gone].sort((a, b) => a.eventTypeId - b.eventTypeId);
}

function differences(before: EventTypeFacts, after: EventTypeFacts): string[] {
  return (Object.keys(after) as (keyof EventTypeFacts)[]).filter((name) => !isDeepStrictEqual(before[name], after[name]));
}
