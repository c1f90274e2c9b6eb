/** The opaque cursors of lists: the last row's sort value and id. Not secret, but checked before it reaches SQL. */
import { z } from 'zod';

export interface PageCursor {
  /** ISO instant, or a transaction id for the log. */
  at: string;
  id: string;
}

/** Not one of ours; the edge answers with a clear error. */
export class BadPageCursor extends Error {
  constructor() {
    super('The page cursor is not one that this server gave out. Begin again without it.');
    this.name = 'BadPageCursor';
  }
}

const shape = z.tuple([z.union([z.iso.datetime(), z.string().regex(/^\d{1,20}$/)]), z.union([z.uuid(), z.string().regex(/^\d{1,19}$/)])]);

export function encodePageCursor(cursor: PageCursor): string {
  return Buffer.from(JSON.stringify([cursor.at, cursor.id])).toString('base64url');
}

/** @throws BadPageCursor */
export function decodePageCursor(text: string | undefined): PageCursor | null {
  if (text === undefined) return null;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw new BadPageCursor();
  }
  const parsed = shape.safeParse(json);
  if (!parsed.success) throw new BadPageCursor();
  return { at: parsed.data[0], id: parsed.data[1] };
}

/** Of the row at an index, when it is asked for: most lists select no cursor but the last. */
export function cursorsOf<Row>(rows: readonly Row[], cursor: (row: Row) => string): (index: number) => string {
  return (index) => {
    const row = rows[index];
    if (row === undefined) throw new RangeError(`There is no row ${index}.`);
    return cursor(row);
  };
}
