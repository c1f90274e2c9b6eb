/**
 * `X-Cal-Signature-256`: lower-case hex HMAC-SHA256 of the raw body, the secret as UTF-8 bytes, no prefix and no timestamp
 * (CONTRACT 8). Replays are dealt with by the inbox, which knows the hash of every body.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export const SIGNATURE_HEADER = 'x-cal-signature-256';

/** What Cal.com sends when its webhook has no secret; anyone could send it, so it is never a signature. */
export const NO_SECRET_LITERAL = 'no-secret-provided';

export type SignatureVerdict = { trusted: true } | { trusted: false; reason: 'MISSING' | 'NO_SECRET' | 'MALFORMED' | 'WRONG' };

export function sign(rawBody: Uint8Array, secret: string): string {
  return createHmac('sha256', secret).update(rawBody).digest('hex');
}

/** Constant time over every secret given; the previous one is accepted while the secret is being rotated. */
export function verifySignature(
  rawBody: Uint8Array,
  header: string | undefined,
  secrets: { secret: string; previousSecret: string | null },
): SignatureVerdict {
  if (header === undefined || header === '') return { trusted: false, reason: 'MISSING' };
  if (header === NO_SECRET_LITERAL) return { trusted: false, reason: 'NO_SECRET' };
  if (!/^[0-9a-f]{64}$/.test(header)) return { trusted: false, reason: 'MALFORMED' };
  const claimed = Buffer.from(header, 'hex');
  let trusted = false;
  for (const secret of [secrets.secret, secrets.previousSecret]) {
    if (secret === null || secret === '' || secret === NO_SECRET_LITERAL) continue;
    const expected = createHmac('sha256', secret).update(rawBody).digest();
    if (timingSafeEqual(claimed, expected)) trusted = true;
  }
  return trusted ? { trusted: true } : { trusted: false, reason: 'WRONG' };
}
