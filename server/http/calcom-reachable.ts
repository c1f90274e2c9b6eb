/** Whether anything of Cal.com answers; for health only. `/health` needs no key and counts against no rate limit. */
import http from 'node:http';
import https from 'node:https';

/** True for any answer that is not the server's or a proxy's own failure. */
export function calcomReachable(apiUrl: string): (signal: AbortSignal) => Promise<boolean> {
  const url = new URL('/health', apiUrl);
  const client = url.protocol === 'https:' ? https : http;
  return (signal) =>
    new Promise((resolve) => {
      const request = client.get(url, { signal }, (response) => {
        response.resume();
        resolve((response.statusCode ?? 500) < 500);
      });
      request.on('error', () => resolve(false));
    });
}
