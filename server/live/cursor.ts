/**
 * The opaque form of a position in the change log, which a client gives back as `since`.
 *
 * Layout, base64url of 59 bytes (integers big-endian):
 *   version 1 · key id 4 · timeline 16 (UUID) · xid 8 · id 8 · HMAC-SHA-256 of all before, first 18 · checksum 4 (CRC-32 of all before)
 *
 * The checksum needs no key. It tells a cursor that was damaged or made up (BAD_CURSOR) from a sound one that another
 * installation signed, or this one with a key it has given up: that one is FOREIGN, and its stream begins with RESYNC.
 */
import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isUuid } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { LogPosition } from './change-log.ts';

export interface CursorKey {
  readonly id: Buffer;
  /** Prepared: of a Buffer, one would be made for each cursor, which takes seven times as long as signing. */
  readonly key: KeyObject;
}

export type DecodedCursor = { kind: 'OURS'; position: LogPosition } | { kind: 'FOREIGN' };

const VERSION = 1;
const KEY_ID_AT = 1;
const TIMELINE_AT = 5;
const XID_AT = 21;
const ID_AT = 29;
const MAC_AT = 37;
const CHECKSUM_AT = 55;
const LENGTH = 59;
const TEXT_LENGTH = Math.ceil((LENGTH * 4) / 3);

/** Keys that sign cursors and nothing else, derived (HKDF, RFC 5869) from the data keys in their order: the first signs, all are accepted. */
export function cursorKeys(secrets: readonly Buffer[]): CursorKey[] {
  return secrets.map((secret) => {
    const key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'fintan-gateway change cursor v1', 32));
    const id = hash('sha256', Buffer.concat([Buffer.from('key id'), key]), 'buffer').subarray(0, TIMELINE_AT - KEY_ID_AT);
    return { key: createSecretKey(key), id };
  });
}

/** `timeline` must be a UUID, xid and id decimal integers below 2^64; anything else is a programming error and throws. */
export function encodeCursor(keys: readonly CursorKey[], position: LogPosition): string {
  const signer = keys[0];
  if (signer === undefined) throw new Error('A cursor needs a key to be signed with.');
  if (!isUuid(position.timeline)) throw new Error('A timeline is named by a UUID.');
  const bytes = Buffer.alloc(LENGTH);
  bytes.writeUInt8(VERSION, 0);
  signer.id.copy(bytes, KEY_ID_AT);
  bytes.write(position.timeline.replaceAll('-', ''), TIMELINE_AT, 'hex');
  bytes.writeBigUInt64BE(BigInt(position.xid), XID_AT);
  bytes.writeBigUInt64BE(BigInt(position.id), ID_AT);
  macOf(signer, bytes).copy(bytes, MAC_AT);
  bytes.writeUInt32BE(checksumOf(bytes), CHECKSUM_AT);
  return bytes.toString('base64url');
}

/** BAD_CURSOR: no cursor of any installation, or one of ours that was changed. */
export function decodeCursor(keys: readonly CursorKey[], cursor: string): Result<DecodedCursor, 'BAD_CURSOR'> {
  if (cursor.length !== TEXT_LENGTH) return fail('BAD_CURSOR');
  const bytes = Buffer.from(cursor, 'base64url');
  // Node skips characters outside the alphabet and unused last bits; one position has one spelling only.
  if (bytes.length !== LENGTH || bytes.toString('base64url') !== cursor) return fail('BAD_CURSOR');
  if (bytes.readUInt8(0) !== VERSION) return fail('BAD_CURSOR');
  if (checksumOf(bytes) !== bytes.readUInt32BE(CHECKSUM_AT)) return fail('BAD_CURSOR');
  const signer = keys.find((key) => key.id.equals(bytes.subarray(KEY_ID_AT, TIMELINE_AT)));
  if (signer === undefined) return ok({ kind: 'FOREIGN' });
  if (!timingSafeEqual(macOf(signer, bytes), bytes.subarray(MAC_AT, CHECKSUM_AT))) return fail('BAD_CURSOR');
  const position = {
    timeline: uuidOf(bytes.toString('hex', TIMELINE_AT, XID_AT)),
    xid: bytes.readBigUInt64BE(XID_AT).toString(),
    id: bytes.readBigUInt64BE(ID_AT).toString(),
  };
  return ok({ kind: 'OURS', position });
}

function macOf(signer: CursorKey, bytes: Buffer): Buffer {
  return createHmac('sha256', signer.key)
    .update(bytes.subarray(0, MAC_AT))
    .digest()
    .subarray(0, CHECKSUM_AT - MAC_AT);
}

function checksumOf(bytes: Buffer): number {
  return crc32(bytes.subarray(0, CHECKSUM_AT));
}

function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
