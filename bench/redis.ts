/** Redis rings the bell of the gateway under test: nothing else can tell it from outside that the log has grown. */
import { spawn } from 'node:child_process';
import { freePort } from '../server/database/free-port.ts';
import { registered } from './running.ts';

export async function startRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // A terminal's Ctrl-C is for the one that started it.
    detached: true,
  });
  const stop = registered(async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', () => reject(new Error('redis-server is not installed, and this benchmark rings the bell over Redis')));
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Ready to accept')) resolve();
    });
  });
  return { url: `redis://127.0.0.1:${port}`, stop };
}
