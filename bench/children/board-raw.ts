/** What nothing can undercut: node:http, one prepared statement, its text sent as it is. Knows nobody and checks nothing. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { announce } from '../child.ts';
import { BOARD_TEXT_SQL } from '../queries/board.ts';

const { DATABASE_URL = '' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10, options: '-c timezone=UTC' });

const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    answer(Buffer.concat(chunks).toString()).then(
      (text) => response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text),
      () => response.writeHead(500).end(),
    );
  });
});

async function answer(body: string): Promise<string> {
  const { variables } = JSON.parse(body) as { variables: { from: string; to: string; first: number } };
  const result = await pool.query<{ text: string }>({
    name: 'board',
    text: BOARD_TEXT_SQL,
    values: [variables.from, variables.to, variables.first],
  });
  return result.rows[0]?.text ?? '';
}

server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
