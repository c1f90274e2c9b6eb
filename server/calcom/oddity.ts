/** Something Cal.com sent that this release does not know. Read as far as it can be, counted, shown to people who run the gateway. */
export type OddityKind =
  /** A webhook event with a name of a later release: stored, ignored. */
  | 'TRIGGER'
  /** A booking status of a later release: the status known so far is kept, and the booking read again. */
  | 'STATUS'
  /** A field that is not in the contract: ignored. */
  | 'FIELD'
  /** A field that is null or of another type than it was ever seen: taken as not said. */
  | 'VALUE'
  /** A row or event that lacks what it needs (uid, instants). */
  | 'UNREADABLE';

export interface Oddity {
  kind: OddityKind;
  /** A word of Cal.com's, or the path of a field such as `booking.attendees[].name`. Never a value that a person typed. */
  subject: string;
}

/** Words from outside end up in a table and on a screen: what does not look like a name of Cal.com's is not shown. */
export function oddity(kind: OddityKind, subject: string): Oddity {
  return { kind, subject: /^[\w.[\] -]{1,100}$/.test(subject) ? subject : '(unnameable)' };
}

/** The path of a zod issue, with `[]` for the position in a list. */
export function pathOf(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[]` : `${text}.${String(part)}`), root);
}
