/** Clinicians whose notice was put away in this tab; forgotten with it. */
const KEY = 'dismissed-reconnect';

let known: readonly string[] = [];

export const dismissedNotices = {
  read(): readonly string[] {
    try {
      known = sessionStorage.getItem(KEY)?.split(' ') ?? known;
    } catch {
      // Storage may be forbidden; then it lasts until the page is left.
    }
    return known;
  },
  /** What is put away now. */
  add(clinicianId: string): readonly string[] {
    known = [...new Set([...known, clinicianId])];
    try {
      sessionStorage.setItem(KEY, known.join(' '));
    } catch {
      // See above.
    }
    return known;
  },
};
