/** Pings for every socket at an even pace, a tenth of them at a time. A socket that did not answer the last one is cut. */
import type { WebSocket } from 'ws';

export interface Pings {
  /** From now on: it counts as having answered. */
  watch(socket: WebSocket): void;
  stop(): void;
}

const SLOTS = 10;

interface Watched {
  slot: number;
  answered: boolean;
}

/** `sockets`: the open ones, as they come and go. `everyMs`: between two pings of one socket. */
export function createPings(sockets: Iterable<WebSocket>, everyMs: number): Pings {
  const watched = new WeakMap<WebSocket, Watched>();
  let count = 0;
  let beat = 0;

  function answered(this: WebSocket): void {
    const state = watched.get(this);
    if (state !== undefined) state.answered = true;
  }

  const timer = setInterval(() => {
    beat = (beat + 1) % SLOTS;
    for (const socket of sockets) {
      const state = watched.get(socket);
      if (state?.slot !== beat) continue;
      if (!state.answered) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        state.answered = false;
        socket.ping();
      }
    }
  }, everyMs / SLOTS);
  timer.unref();

  return {
    watch(socket) {
      count += 1;
      watched.set(socket, { slot: count % SLOTS, answered: true });
      socket.on('pong', answered);
    },
    stop: () => clearInterval(timer),
  };
}
