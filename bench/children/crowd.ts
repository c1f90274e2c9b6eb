/** Many subscribers in a process of their own; told what to do by `live/crowd.ts`. */
import { type FromCrowd, machineMs, type OpenCrowd, type Subscription, type ToCrowd } from '../live/crowd-words.ts';
import { type LightSocket, openLightSocket } from '../live/light-socket.ts';
import { openLightStream } from '../live/light-stream.ts';

/** More at once and a listen backlog decides who must try again. */
const OPENING_AT_ONCE = 100;
/** `kind` is the first field of every result. */
const KIND_WITHIN = 160;

const sockets: LightSocket[] = [];
let results = 0;
let expected = 0;
let last: Buffer = Buffer.alloc(0);
let times: number[] | null = null;
let waiting = false;

process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToCrowd) => {
  if (message.do === 'open') open(message);
  else if (message.do === 'status') tell({ status: true, results, expected, open: sockets.length, last: last.toString() });
  else {
    expected += message.results;
    times = message.times ? [] : null;
    waiting = true;
    answerWhenHeard();
  }
});

function tell(message: FromCrowd): void {
  process.send?.(message);
}

function open(request: OpenCrowd): void {
  const startedAt = machineMs();
  let begun = 0;
  let started = 0;
  const next = () => {
    if (started === request.size) return;
    const who = request.who[started % request.who.length];
    started += 1;
    if (who === undefined) return tell({ lost: 'nobody to subscribe as' });
    sockets.push(
      subscribe(request, who, () => {
        begun += 1;
        if (begun === request.size) tell({ opened: true, startedAt });
        else next();
      }),
    );
  };
  for (let index = 0; index < OPENING_AT_ONCE; index += 1) next();
}

function subscribe(request: OpenCrowd, { authorization, payload }: Subscription, runs: () => void): LightSocket {
  let isRunning = false;
  const running = () => {
    if (isRunning) return;
    isRunning = true;
    runs();
  };
  const result = (bytes: Buffer, from: number, to: number) => {
    const head = bytes.subarray(from, Math.min(to, from + KIND_WITHIN));
    if (head.includes('"POSITION"')) return running();
    if (head.includes('"errors"')) return tell({ lost: bytes.toString('utf8', from, Math.min(to, from + 400)) });
    results += 1;
    times?.push(machineMs());
    if (results < expected) return;
    last = Buffer.from(bytes.subarray(from, to));
    answerWhenHeard();
  };
  const lost = (reason: string) => tell({ lost: reason });

  if (request.transport === 'sse') {
    const headers: Record<string, string> = authorization === null ? {} : { authorization };
    return openLightStream(request.url, headers, payload, {
      open: () => request.ready === 'sent' && running(),
      text: (bytes, from, to) => bytes.subarray(from, from + 40).includes('event: next') && result(bytes, from, to),
      lost,
    });
  }
  const socket = openLightSocket(request.url, 'graphql-transport-ws', {
    open: () => socket.send(JSON.stringify({ type: 'connection_init', payload: authorization === null ? {} : { authorization } })),
    text(bytes, from, to) {
      const head = bytes.toString('latin1', from, Math.min(to, from + 60));
      if (head.includes('"next"')) return result(bytes, from, to);
      if (head.includes('"connection_ack"')) {
        socket.send(`{"id":"1","type":"subscribe","payload":${payload}}`);
        if (request.ready === 'sent') running();
      } else if (head.includes('"ping"')) socket.send('{"type":"pong"}');
      else lost(bytes.toString('utf8', from, Math.min(to, from + 400)));
    },
    lost,
  });
  return socket;
}

function answerWhenHeard(): void {
  if (!waiting || results < expected) return;
  waiting = false;
  tell({ heard: true, times: times ?? [], lastAt: machineMs() });
}
