/** Many requests at once over warm connections, each timed from when it is sent to when its body has arrived. */
import http from 'node:http';

export interface Answer {
  ms: number;
  status: number;
  body: string;
}

export interface Load {
  post(url: string, body: string | Buffer, headers?: Record<string, string>): Promise<Answer>;
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  close(): void;
}

export function createLoad(connections: number): Load {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const send = (method: 'GET' | 'POST', url: string, body: string | Buffer | null, headers: Record<string, string>) =>
    new Promise<Answer>((resolve, reject) => {
      const startedAt = performance.now();
      const request = http.request(url, { agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ ms: performance.now() - startedAt, status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      });
      request.on('error', reject);
      request.end(body ?? undefined);
    });
  return {
    post: (url, body, headers = {}) =>
      send('POST', url, body, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers }),
    get: (url, headers = {}) => send('GET', url, null, headers),
    close: () => agent.destroy(),
  };
}
