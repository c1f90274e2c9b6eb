/** What to do about something that is missing, for the person who looks after it. */
import { unreachable } from '../kernel/result.ts';
import type { ConnectionLack } from './connection.ts';

export function lackSentence(lack: ConnectionLack): string {
  switch (lack) {
    case 'CREDENTIAL':
      return 'Not connected: set an API key of Cal.com, or connect by signing in there.';
    case 'CREDENTIAL_REFUSED':
      return 'Cal.com does not take the key or token: set another key, or connect again.';
    case 'RECONNECT':
      return 'The access that was granted at Cal.com has ended: connect again.';
    case 'ANOTHER_CLINICIAN_HAS_IT':
      return 'This Cal.com user is another clinician here: sign in at Cal.com as the right person.';
    case 'ANOTHER_CALCOM_USER':
      return 'The clinician is known as another Cal.com user: disconnect and forget the identity first, if that is meant.';
    case 'BOOKINGS_NOT_READABLE':
      return 'Cal.com lets this token read no bookings: set an API key instead.';
    case 'USERNAME':
      return 'The Cal.com user has no username: choose one in the profile at Cal.com.';
    case 'EVENT_TYPES':
      return 'Nothing can be booked: add an event type at Cal.com.';
    case 'WEBHOOK':
      return 'No active webhook at Cal.com: changes are noticed minutes later until one is registered.';
    default:
      return unreachable(lack);
  }
}
