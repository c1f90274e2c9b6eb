/** A key for one wish of the person: the same for every repetition of it, another for the next wish. */
export function newMutationKey(): string {
  // randomUUID exists only in secure contexts; a clinic's plain-http test installation has random values all the same.
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
