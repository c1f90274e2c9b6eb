/** Asks again when the person comes back to the window: what nobody pushes may have changed meanwhile. */
import { useEffect } from 'react';

/** How often to ask without that, in milliseconds; give it to `useQuery` as `pollInterval`. */
export const POLL_MS = 60_000;

/** A window that nobody sees need not poll. */
export function whileHidden(): boolean {
  return document.hidden;
}

export function useRefetchOnFocus(refetch: () => Promise<unknown>): void {
  useEffect(() => {
    // A failure changes nothing: the next poll tries again.
    const again = (): void => void refetch().catch(() => undefined);
    window.addEventListener('focus', again);
    return () => window.removeEventListener('focus', again);
  }, [refetch]);
}
