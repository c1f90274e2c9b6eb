/**
 * The gateway's schemas against the OpenAPI document, where it is at hand: every field that we read is documented for that
 * call, or listed here as one that a real server was seen to send.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { expect, test } from 'vitest';
import * as contract from '../../server/calcom/rest-contract.ts';

const DOCUMENT = process.env.CALCOM_OPENAPI ?? join(import.meta.dirname, '../../../shared/calcom/openapi.subset.json');

/** Fields that the document leaves out, and the recordings have. */
const UNDOCUMENTED = new Set([
  'seats.disabled',
  'recurrence.disabled',
  'confirmationPolicy.disabled',
  'bookingFields.hidden',
  'bookingFields.options',
]);

const calls: [path: string, method: string, status: string, schema: z.ZodType][] = [
  ['/v2/me', 'get', '200', contract.me],
  ['/v2/event-types', 'get', '200', z.array(contract.eventType)],
  ['/v2/event-types/{eventTypeId}', 'get', '200', contract.eventType],
  ['/v2/event-types', 'post', '201', contract.eventType],
  ['/v2/event-types/{eventTypeId}', 'patch', '200', contract.eventType],
  ['/v2/schedules/default', 'get', '200', contract.schedule],
  ['/v2/schedules/{scheduleId}', 'patch', '200', contract.schedule],
  ['/v2/slots', 'get', '200', contract.slotDays],
  ['/v2/slots/reservations', 'post', '201', contract.reservation],
  ['/v2/bookings', 'post', '201', contract.booking],
  ['/v2/bookings', 'get', '200', z.array(contract.booking.omit({ seatUid: true }))],
  ['/v2/bookings/{bookingUid}', 'get', '200', contract.booking.omit({ seatUid: true })],
  ['/v2/bookings/{bookingUid}/reschedule', 'post', '201', contract.booking],
  ['/v2/webhooks', 'get', '200', z.array(contract.webhook)],
];

/** Fields that the document describes wrongly: the generator took a constant for an object. */
const MISDESCRIBED = new Set(['bookingFields.isDefault']);

interface Schema {
  $ref?: string;
  type?: string | string[];
  nullable?: boolean;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, { schema: Schema }> }> }>>;
  components: { schemas: Record<string, Schema> };
}

const there = existsSync(DOCUMENT);
if (!there)
  console.log(
    'Skipped: the OpenAPI document of Cal.com is not here (CALCOM_OPENAPI names it); the schemas are held against the recordings only.',
  );

test.runIf(there)('every field that the gateway reads is documented for its call', () => {
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as Document;
  const missing: string[] = [];
  for (const [path, method, status, schema] of calls) {
    const answer = document.paths[path]?.[method]?.responses[status]?.content['application/json']?.schema;
    if (answer === undefined) {
      missing.push(`${method} ${path}: no ${status}`);
      continue;
    }
    const data = variants(document, answer).flatMap((variant) => variant.properties?.data ?? []);
    const wanted = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
    compare(document, wanted, data, [], (where, what) => missing.push(`${method} ${path} ${where}: ${what}`));
  }
  expect(missing).toEqual([]);
});

/** References followed and alternatives spread out. */
function variants(document: Document, schema: Schema): Schema[] {
  if (schema.$ref !== undefined) {
    const found = document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
    return found === undefined ? [] : variants(document, found);
  }
  const choices = [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])];
  return choices.length === 0 ? [schema] : choices.flatMap((choice) => variants(document, choice));
}

function typesOf(document: Document, schema: Schema): Set<string> {
  const types = variants(document, schema).flatMap((variant) => variant.type ?? (variant.properties === undefined ? [] : ['object']));
  return new Set(types.map((type) => (type === 'integer' ? 'number' : type)));
}

function compare(
  document: Document,
  wanted: Schema,
  offered: Schema[],
  path: string[],
  report: (where: string, what: string) => void,
): void {
  const local = { ...document, components: document.components };
  const open = offered
    .flatMap((schema) => variants(local, schema))
    .flatMap((schema) => (schema.type === 'array' && schema.items !== undefined ? variants(local, schema.items) : [schema]));
  for (const alternative of variants(document, wanted)) {
    if (alternative.items !== undefined) compare(document, alternative.items, open, path, report);
    const values = alternative.additionalProperties;
    if (typeof values === 'object' && Object.keys(values).length > 0) {
      const inside = open.flatMap((schema) => (typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []));
      if (inside.length > 0) compare(document, values, inside, path, report);
    }
    for (const [name, property] of Object.entries(alternative.properties ?? {})) {
      const where = [...path, name];
      const key = where.join('.');
      const found = open.flatMap((schema) => schema.properties?.[name] ?? []);
      if (found.length === 0) {
        if (!UNDOCUMENTED.has(key)) report(key, 'not documented');
        continue;
      }
      const ourTypes = typesOf(document, property);
      const theirTypes = new Set(found.flatMap((schema) => [...typesOf(document, schema)]));
      const agree = ourTypes.size === 0 || theirTypes.size === 0 || [...theirTypes].some((type) => ourTypes.has(type));
      if (!agree && !MISDESCRIBED.has(key)) report(key, `is ${[...theirTypes].join('|')}, read as ${[...ourTypes].join('|')}`);
      compare(document, property, found, where, report);
    }
  }
}
