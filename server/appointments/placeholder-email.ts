/**
 * An address for somebody who has none: Cal.com books nobody without one (recording 231). It is known by its form and not
 * by its domain, so that it stays hidden when PLACEHOLDER_EMAIL_DOMAIN changes. Nothing outside of Cal.com shows it.
 */
import { randomUUID } from 'node:crypto';

const FORM = /^no-email-[0-9a-f]{32}@/;

/** `seed`: a UUID nobody else has, so that a booking whose answer was lost is found by the same address. */
export function placeholderEmail(domain: string, seed: string = randomUUID()): string {
  return `no-email-${seed.replaceAll('-', '').toLowerCase()}@${domain}`;
}

export function isPlaceholderEmail(email: string): boolean {
  return FORM.test(email);
}

/** The address as people may see it. */
export function shownEmail(email: string | null): string | null {
  return email === null || isPlaceholderEmail(email) ? null : email;
}
