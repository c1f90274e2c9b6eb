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
    const end = (result: Result<Buffer, RawBodyFailure>) => {
      request.off('data', take).off('end', finish).off('close', abort).off('error', abort);
      resolve(result);
    };
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else end(fail('TOO_LARGE'));
    };
    const finish = () => end(ok(Buffer.concat(chunks, length)));
    const abort = () => end(fail('ABORTED'));
    request.on('data', take).on('end', finish).on('close', abort).on('error', abort);
  });
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
