/** The bytes of a request as they were sent: signatures are over these, not over what a parser makes of them. */
import type { IncomingMessage } from 'node:http';
import { fail, ok, type Result } from '../kernel/result.ts';

/** `TOO_LARGE`: more than `limit` bytes, announced or sent. `ABORTED`: the sender went away. */
export type RawBodyFailure = 'TOO_LARGE' | 'ABORTED';

/** Keeps at most `limit` bytes. The rest of a longer body is let through unread, so that the sender hears the refusal. */
export async function readRawBody(request: IncomingMessage, limit: number): Promise<Result<Buffer, RawBodyFailure>> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return fail('TOO_LARGE');
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve(fail('TOO_LARGE'));
      }
    });
    // Whichever comes first decides; a promise hears only that.
    request.on('end', () => resolve(ok(onlyOne(chunks) ?? Buffer.concat(chunks, length))));
    request.on('close', () => resolve(fail('ABORTED')));
    request.on('error', () => resolve(fail('ABORTED')));
  });
}

/** Most bodies arrive in one piece and need no copy. */
function onlyOne(chunks: readonly Buffer[]): Buffer | undefined {
  return chunks.length === 1 ? chunks[0] : undefined;
}

/**
 * For a body that another part reads itself (Yoga): calls `exceeded` once, at the first byte over `limit`,
 * and passes nothing on after it.
 */
export function boundBody(request: IncomingMessage, limit: number, exceeded: () => void): void {
  const push = request.push.bind(request);
  let length = 0;
  request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (length > limit) return false;
    length += chunk?.length ?? 0;
    if (length <= limit) return push(chunk, encoding);
    exceeded();
    return false;
  };
}
