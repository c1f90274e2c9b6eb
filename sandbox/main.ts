/** The sandbox as a process of its own. Prints one JSON line when it listens; stops on SIGTERM and SIGINT. */
import { readOptions } from './options.ts';
import { createSandbox } from './sandbox.ts';

// Whoever started it may be gone: a broken pipe must not take Cal.com with it.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

try {
  const { port, sandbox: options } = readOptions(process.env);
  const sandbox = createSandbox(options);
  const { url } = await sandbox.listen(port);
  const stop = (): void => {
    void sandbox.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`);
} catch (error) {
  process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
