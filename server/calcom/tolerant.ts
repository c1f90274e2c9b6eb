/**
 * Reading what may have changed: nulls in places where none was seen, other types, new fields. Whatever is not essential
 * is read as "not said" then, and what could not be read is told, so that a lost detail is seen and never breaks a booking.
 */
import { z } from 'zod';
import { type Oddity, oddity, pathOf } from './oddity.ts';

/** Everything but the essential may be absent, whatever else it may be. */
export type Tolerant<Shape extends z.core.$ZodShape, Essential extends keyof Shape> = {
  [Key in keyof Shape]: Key extends Essential ? z.output<Shape[Key]> : z.output<Shape[Key]> | undefined;
};

/** Of fields that are allowed to be null, what cannot be read becomes null; of others, undefined. */
export function tolerant<Shape extends Record<string, z.ZodType>, Essential extends keyof Shape & string>(
  schema: z.ZodObject<Shape>,
  essential: readonly Essential[],
): z.ZodType<Tolerant<Shape, Essential>> {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, field] of Object.entries(schema.shape)) {
    if ((essential as readonly string[]).includes(key)) shape[key] = field;
    else shape[key] = field.safeParse(null).success ? field.optional().catch(null) : field.optional().catch(undefined);
  }
  return z.object(shape) as unknown as z.ZodType<Tolerant<Shape, Essential>>;
}

const DEEPEST = 6;

/**
 * Paths at which something was said and nothing was read. `nullIsSaid`: a null where none is allowed counts as well; in
 * webhooks it is a usual way of saying nothing.
 */
export function unreadValues(root: string, raw: unknown, read: unknown, nullIsSaid: boolean, depth = 0): Oddity[] {
  if (depth > DEEPEST || !isRecord(raw) || !isRecord(read)) return [];
  const found: Oddity[] = [];
  for (const [key, value] of Object.entries(read)) {
    const said = raw[key];
    const path = pathOf(root, [Array.isArray(raw) ? Number(key) : key]);
    if (value === undefined || value === null) {
      const lost = said !== undefined && (said !== null || (nullIsSaid && value === undefined));
      if (lost) found.push(oddity('VALUE', path));
    } else found.push(...unreadValues(path, said, value, nullIsSaid, depth + 1));
  }
  return found;
}

/** Fields that are in no contract. Their names are Cal.com's; what people named (answers, metadata) is not looked into. */
export function unknownFields(root: string, raw: unknown, known: ReadonlySet<string>): Oddity[] {
  if (!isRecord(raw)) return [];
  return Object.keys(raw)
    .filter((key) => !known.has(key))
    .map((key) => oddity('FIELD', pathOf(root, [key])));
}

/** Each once: a list of a hundred bookings with a new field is one news. */
export function once(oddities: readonly Oddity[]): Oddity[] {
  return [...new Map(oddities.map((one) => [`${one.kind} ${one.subject}`, one])).values()];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
