/**
 * Encryption of what we store for others: Cal.com keys and webhook payloads. AES-256-GCM (NIST SP 800-38D), a value is
 * `keyId:base64(iv 12 | tag 16 | ciphertext)`. The purpose is bound as associated data, so that a value copied into
 * another column does not decrypt there.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

export type Purpose = 'calcom-api-key' | 'calcom-token' | 'webhook-payload' | (string & {});

export interface Encryption {
  /** With the first of the data keys. */
  encrypt(text: string, purpose: Purpose): string;
  /** With the key that the value names. Throws when the key is unknown, the purpose another, or the value was changed. */
  decrypt(value: string, purpose: Purpose): string;
}

export function createEncryption(dataKeys: readonly { id: string; key: Buffer }[]): Encryption {
  const first = dataKeys[0];
  if (first === undefined) throw new Error('Encryption needs at least one data key.');
  const byId = new Map(dataKeys.map(({ id, key }) => [id, key]));
  return {
    encrypt(text, purpose) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', first.key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(purpose));
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${first.id}:${Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('base64')}`;
    },
    decrypt(value, purpose) {
      const separator = value.indexOf(':');
      const keyId = value.slice(0, Math.max(separator, 0));
      const key = byId.get(keyId);
      if (key === undefined) throw new Error(`The data key "${keyId}" is not among DATA_KEYS.`);
      const bytes = Buffer.from(value.slice(separator + 1), 'base64');
      if (bytes.length < IV_BYTES + TAG_BYTES) throw new Error('The encrypted value is too short.');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    },
  };
}
