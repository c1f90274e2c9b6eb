/** The recorded traffic of a real Cal.com API v2 (5.6.4), in the order in which it happened. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Recording {
  name: string;
  /** When the answer was written down. */
  recordedAt: string;
  request: { method: string; path: string; headers: Record<string, string>; body: unknown };
  response: { status: number; headers: Record<string, string>; body: unknown; durationMs: number };
  /** Deliveries that arrived during the call; `triggerEvent` is missing for a template of our own. */
  webhookDeliveries?: { n: number; url: string; triggerEvent?: string }[];
}

export interface RecordedDelivery {
  n: number;
  receivedAt: string;
  headers: Record<string, string>;
  rawBody: string;
}

const FOLDER = fileURLToPath(new URL('../payloads/recordings/', import.meta.url));

export function loadRecordings(): Recording[] {
  return jsonFiles(FOLDER).map((file) => parse(join(FOLDER, file)) as Recording);
}

/** By number. */
export function loadDeliveries(): Map<number, RecordedDelivery & { file: string }> {
  const folder = join(FOLDER, 'webhooks');
  return new Map(
    jsonFiles(folder).map((file) => {
      const delivery = parse(join(folder, file)) as RecordedDelivery;
      return [delivery.n, { ...delivery, file }];
    }),
  );
}

const jsonFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();

const parse = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
