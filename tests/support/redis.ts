/** A Redis of its own that can go and come back at the same address. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../server/database/free-port.ts';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServer {
  url: string;
  /** Resolves when it takes connections. */
  start(): Promise<void>;
  /** Keeps its connections and answers nothing more; `stop` ends it. */
  hang(): void;
  /** At once, as a crash. Safe when it does not run. */
  stop(): Promise<void>;
}

/** Not started yet. */
export async function redisServer(): Promise<RedisServer> {
  const port = await freePort();
  let running: ChildProcess | null = null;
  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      running = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let said = '';
      for await (const chunk of running.stdout ?? []) {
        said += String(chunk);
        if (said.includes('Ready to accept connections')) return;
      }
      throw new Error(`Redis did not start:\n${said}`);
    },
    hang: () => void running?.kill('SIGSTOP'),
    async stop() {
      if (running === null) return;
      const exited = once(running, 'exit');
      running.kill('SIGKILL');
      await exited;
      running = null;
    },
  };
}
