/**
 * The built client. Files named by their content are cached for ever; everything else is asked for again each time and
 * answered 304 when unchanged. A path that names no file is a page of the app and gets index.html.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { refuse } from './respond.ts';

const compress = promisify(gzip);

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mp3': 'audio/mpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const COMPRESSIBLE = /^(text\/|application\/json|application\/manifest|image\/svg)/;
const CACHE_BYTES = 64 * 1024 * 1024;
/** Vite's `assets/name-hash.ext`. */
const NAMED_BY_CONTENT = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

interface File {
  bytes: Buffer;
  gzipped: Buffer | null;
  type: string;
  etag: string;
  modifiedMs: number;
}

export type StaticClient = (request: IncomingMessage, response: ServerResponse, pathname: string) => Promise<void>;

export function createStaticClient(folder: string): StaticClient {
  const files = new LRUCache<string, File>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (file) => file.bytes.length + (file.gzipped?.length ?? 0) + 1,
  });

  async function load(pathname: string): Promise<File | null> {
    const full = path.join(folder, pathname);
    if (full !== folder && !full.startsWith(folder + path.sep)) return null;
    const info = await stat(full).catch(() => null);
    if (info === null || !info.isFile()) return null;
    const cached = files.get(full);
    if (cached !== undefined && cached.modifiedMs === info.mtimeMs) return cached;
    const bytes = await readFile(full);
    const type = TYPES[path.extname(full)] ?? 'application/octet-stream';
    const file: File = {
      bytes,
      gzipped: COMPRESSIBLE.test(type) ? await compress(bytes) : null,
      type,
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
      modifiedMs: info.mtimeMs,
    };
    files.set(full, file);
    return file;
  }

  return async (request, response, pathname) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(response, 405, 'METHOD_NOT_ALLOWED', 'Pages and files are read with GET.', { allow: 'GET, HEAD' });
      return;
    }
    const decoded = decode(pathname);
    const found = decoded === null ? null : await load(decoded);
    if (found !== null && decoded !== null) {
      send(request, response, found, NAMED_BY_CONTENT.test(decoded) ? 'public, max-age=31536000, immutable' : 'no-cache');
      return;
    }
    if (decoded === null || path.extname(decoded) !== '' || decoded.startsWith('/api/')) {
      refuse(response, 404, 'NOT_FOUND', 'There is nothing at this address.');
      return;
    }
    const page = await load('/index.html');
    if (page === null) refuse(response, 503, 'CLIENT_NOT_BUILT', 'The client is not built: run `npm run build` (`npm start` does it).');
    else send(request, response, page, 'no-cache');
  };
}

function send(request: IncomingMessage, response: ServerResponse, file: File, cacheControl: string): void {
  response.setHeader('etag', file.etag);
  response.setHeader('cache-control', cacheControl);
  response.setHeader('vary', 'accept-encoding');
  if (request.headers['if-none-match']?.includes(file.etag) === true) {
    response.writeHead(304).end();
    return;
  }
  const zipped = file.gzipped !== null && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '') ? file.gzipped : null;
  const body = zipped ?? file.bytes;
  if (zipped !== null) response.setHeader('content-encoding', 'gzip');
  response.writeHead(200, { 'content-type': file.type, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Null for what is no path: bad escapes, NUL, a backslash, or a way out of the folder. */
function decode(pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (/[\0\\]/.test(decoded) || decoded.split('/').includes('..')) return null;
  return path.posix.normalize(decoded);
}
