/** The next token of the same person, from where the last one came; null when there is no such place or it does not answer. */
import type { Session } from './session.ts';
import { signInAs } from './sign-in-as.ts';
import { tokenOfThisBrowser } from './token-place.ts';

export function renewSession({ personaId }: Session): Promise<Session | null> {
  return personaId === null ? tokenOfThisBrowser() : signInAs(personaId);
}
