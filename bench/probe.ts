/** Memory of a server under test, asked of `children/probe.ts` in it. */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import path from 'node:path';

export interface Probe {
  /** For the process to be measured. */
  env: Record<string, string>;
  /** After a garbage collection. */
  memory(): Promise<{ heapUsed: number; external: number; rss: number }>;
}

export function createProbe(): Probe {
  const name = `fintan-probe-${randomUUID()}`;
  // Of Linux's abstract namespace: it leaves no file behind, however its process ends.
  const socketPath = `\0${name}`;
  return {
    env: { PROBE_NAME: name, NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'children/probe.ts')}` },
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
