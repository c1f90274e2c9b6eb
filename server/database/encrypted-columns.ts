/** Every column that holds what `encryption` made. A new one belongs here, else its data key can never be retired. */
import type { Purpose } from './encryption.ts';

export interface EncryptedColumn {
  table: string;
  /** Unique, and in an order of its own. */
  key: string;
  keyType: 'uuid' | 'text';
  column: string;
  purpose: Purpose;
}

export const encryptedColumns: readonly EncryptedColumn[] = [
  { table: 'User', key: 'id', keyType: 'uuid', column: 'calcomApiKey', purpose: 'calcom-api-key' },
  { table: 'User', key: 'id', keyType: 'uuid', column: 'calcomAccessToken', purpose: 'calcom-token' },
  { table: 'User', key: 'id', keyType: 'uuid', column: 'calcomRefreshToken', purpose: 'calcom-token' },
  { table: 'CalcomWebhookEvent', key: 'id', keyType: 'uuid', column: 'payload', purpose: 'webhook-payload' },
  { table: 'CalcomConnectionAttempt', key: 'stateHash', keyType: 'text', column: 'verifier', purpose: 'pkce-verifier' },
];
