/** Memory of a server under test, asked of `children/probe.ts` in it. */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import os from 'node:os';
import path from 'node:path';

export interface Probe {
  /** For the process to be measured. */
  env: Record<string, string>;
  /** After a garbage collection. */
  memory(): Promise<{ heapUsed: number; external: number; rss: number }>;
}

export function createProbe(): Probe {
  const socketPath = path.join(os.tmpdir(), `fintan-probe-${randomUUID()}`);
  return {
    env: { PROBE_SOCKET: socketPath, NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'children/probe.ts')}` },
    memory: () =>
      new Promise((resolve, reject) => {
        const asked = request({ socketPath }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve(JSON.parse(text) as { heapUsed: number; external: number; rss: number }));
        });
        asked.on('error', reject);
        asked.end();
      }),
  };
}
