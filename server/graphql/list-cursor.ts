/** A cursor of one list given to another is refused before it reaches SQL. */
import { invalid } from './errors.ts';
import { isUuid } from '../kernel/ids.ts';
import { BadPageCursor, decodePageCursor } from '../appointments/page-cursor.ts';

/** Throws InvalidInput. ROW: a list of appointments. CHANGE: the history of one. */
export function refuseForeignCursor(path: 'after' | 'before', text: string | undefined, list: 'ROW' | 'CHANGE'): void {
  try {
    const cursor = decodePageCursor(text);
    if (cursor === null || isUuid(cursor.id) === (list === 'ROW')) return;
  } catch (error) {
    if (!(error instanceof BadPageCursor)) throw error;
  }
  throw invalid({ path, message: 'This cursor is not one of this list. Begin again without it.' });
}
