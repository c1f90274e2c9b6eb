/**
 * Encryption of what we store for others: Cal.com keys and webhook payloads. AES-256-GCM (NIST SP 800-38D), a value is
 * `keyId:base64(iv 12 | tag 16 | ciphertext)`. The purpose is bound as associated data, so that a value copied into
 * another column does not decrypt there.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** The system is asked for randomness once for this many values. */
const IVS_AT_ONCE = 256;

export type Purpose = 'calcom-api-key' | 'calcom-token' | 'webhook-payload' | (string & {});

export interface Encryption {
  /** With the first of the data keys. */
  encrypt(text: string, purpose: Purpose): string;
  /** With the key that the value names. Throws when the key is unknown, the purpose another, or the value was changed. */
  decrypt(value: string, purpose: Purpose): string;
}

export function createEncryption(dataKeys: readonly { id: string; key: Buffer }[]): Encryption {
  // Raw bytes as key are made a key object at each use: three times the cost of encrypting a webhook.
  const keys = dataKeys.map(({ id, key }) => ({ id, key: createSecretKey(key) }));
  const first = keys[0];
  if (first === undefined) throw new Error('Encryption needs at least one data key.');
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  const associated = new Map<Purpose, Buffer>();
  const associatedData = (purpose: Purpose) => {
    let bytes = associated.get(purpose);
    if (bytes === undefined) associated.set(purpose, (bytes = Buffer.from(purpose)));
    return bytes;
  };
  const nextIv = randomIvs();
  return {
    encrypt(text, purpose) {
      const iv = nextIv();
      const cipher = createCipheriv('aes-256-gcm', first.key, iv, { authTagLength: TAG_BYTES }).setAAD(associatedData(purpose));
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
        .setAAD(associatedData(purpose))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    },
  };
}

/** Each is random and given once. */
function randomIvs(): () => Buffer {
  const pool = Buffer.allocUnsafeSlow(IV_BYTES * IVS_AT_ONCE);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += IV_BYTES;
    return pool.subarray(used - IV_BYTES, used);
  };
}
