/** A port that can be listened on now; whoever is quick may take it in between, and the listener then says so. */
import net from 'node:net';

/** `port` itself, or a free one for 0. Rejects with the system's error (EADDRINUSE, EACCES …). */
export function freePort(host = '127.0.0.1', port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
