/** Whether the gateway can listen where it was told to, asked before anything is started. */
import { freePort } from '../database/free-port.ts';
import { StartFailure } from '../database/start-failure.ts';

/** The port itself, or a free one for 0. Rejects with a StartFailure when it cannot be had. */
export async function claimPort(host: string, port: number): Promise<number> {
  try {
    return await freePort(host, port);
  } catch (error) {
    throw new StartFailure(
      portProblem(error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown problem', host, port),
    );
  }
}

function portProblem(code: string, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Stop what listens there, or choose another: PORT=${port + 1} npm start`;
    case 'EACCES':
      return `Port ${port} needs more rights. Choose one above 1023: PORT=3000 npm start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST=${host} is no address of this machine.`;
    default:
      return `The gateway cannot listen on ${host}:${port} (${code}).`;
  }
}
