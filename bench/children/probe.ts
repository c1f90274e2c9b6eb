/**
 * Loaded into a server under test by `--import`: says over a socket of its own how much memory is really used, and ends the server
 * with the bench that started it.
 */
import { createServer } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const { PROBE_NAME } = process.env;
if (PROBE_NAME !== undefined) {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const server = createServer((_request, response) => {
    // The second finds what the finalizers of the first let go.
    gc();
    gc();
    response.end(JSON.stringify(process.memoryUsage()));
  });
  server.listen(`\0${PROBE_NAME}`).unref();
}

const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGTERM'), 1_000).unref();
