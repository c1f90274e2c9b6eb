/**
 * graphql-transport-ws on /graphql. Only subscriptions come this way; what a subscription may do is decided where every
 * operation is decided, in the schema and its context. This file knows sockets: who may open one, for how long, and how many
 * operations it may carry.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createPings } from './pings.ts';
import type { SharedExecution, SharedOperation } from './shared-execution.ts';
import { type ReadOptions, readOperation, refusal } from './socket-operation.ts';
import { SocketStream } from './socket-stream.ts';
import { spread } from './spread.ts';
import type { UpdateSource } from './update-queue.ts';

export interface WebSocketOptions {
  server: Server;
  /** Default /graphql. */
  path?: string;
  getEnveloped: ReadOptions['getEnveloped'];
  textOf: ReadOptions['textOf'];
  subscriptions: {
    execution: SharedExecution;
    contextFor: (viewer: Viewer) => unknown;
    /** An error as the client may see it. */
    shown: (error: unknown) => GraphQLError;
  };
  authenticate: Authenticate;
  /** Origins besides the gateway's own. */
  allowedOrigins: readonly string[];
  clock: Clock;
  log: Log;
  limits?: Partial<SocketLimits>;
}

export interface SocketLimits {
  /** One message, bytes. */
  messageBytes: number;
  /** Operations that run on one socket at the same time. */
  operations: number;
  /** Time from the opening to connection_init. */
  initMs: number;
  /** Between pings; a socket that has not answered one when the next is due is dead. */
  pingMs: number;
}

export interface SocketCounters {
  open: number;
  opened: number;
  /** Upgrades refused for their path or origin. */
  refused: number;
  /** Closed sockets by close code. */
  closed: Record<number, number>;
  /** Operations that run. */
  operations: number;
  /** Results sent. */
  delivered: number;
  /** Groups of equal subscriptions: executions per change, at most. */
  groups: number;
  /** Executions of shared subscriptions until now. */
  executions: number;
}

export interface WebSocketPart {
  counters(): SocketCounters;
  /**
   * Takes no more sockets, closes the open ones with 1012 (service restart), `everyMs` apart (default: at once), and cuts those
   * that have not closed a second after the last.
   */
  stop(everyMs?: number): Promise<void>;
}

const LIMITS: SocketLimits = { messageBytes: 1024 * 1024, operations: 32, initMs: 5_000, pingMs: 12_000 };
/** A sign-in is believed for so long; who subscribes later is looked up again. Streams that run are watched (viewer-watch). */
const SIGN_IN_FRESH_MS = 5_000;
/** Streams end at the expiry of the token with an error of their own; it should arrive before the socket closes. */
const AFTER_EXPIRY_MS = 250;
/** A socket carries nothing any more by then, and may close as late. */
const EXPIRY_LOOK_MS = 500;
const CLOSE_WAIT_MS = 1_000;

const FORBIDDEN = 4403;
const SERVICE_RESTART = 1012;
/** graphql-ws clients try again after this one, unlike after 4500 and 1011. */
const TRY_AGAIN_LATER = 1013;

interface Extra {
  readonly socket: WebSocket;
  readonly outbox: Outbox;
  /** Of the upgrade request, until the connection params are there and name another. */
  authorization: string | null;
  viewer: Viewer | null;
  /** When `viewer` was last looked up, Unix ms. */
  signedInAt: number;
}

interface Prepared {
  id: string;
  extra: Extra;
  shared: SharedOperation;
}

type Socket = Context<Record<string, unknown>, Extra>;

export function attachWebSocket(options: WebSocketOptions): WebSocketPart {
  const { server, clock, log, authenticate } = options;
  const path = options.path ?? '/graphql';
  const limits = { ...LIMITS, ...options.limits };
  const counters = { opened: 0, refused: 0, closed: {} as Record<number, number>, delivered: 0 };
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: limits.messageBytes, handleProtocols });
  const admitted = new Set<Socket>();
  const pings = createPings(sockets.clients, limits.pingMs);
  const { execution } = options.subscriptions;
  const prepared = new WeakMap<ExecutionArgs, Prepared>();

  const protocol = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: limits.initMs,
    onConnect: admit,
    // A throw in here closes the whole socket with every other operation on it, so one operation's failure is its result.
    onSubscribe: async (socket, id, payload) => {
      try {
        return await prepare(socket, id, payload);
      } catch (error) {
        return [shown(error)];
      }
    },
    subscribe: async (args) => {
      try {
        return await open(args);
      } catch (error) {
        return { errors: [shown(error)] };
      }
    },
    onClose: (socket) => void admitted.delete(socket),
  });

  /** 4403 for a token that is not good; without one the socket opens and carries nothing. */
  async function admit(socket: Socket): Promise<boolean> {
    const { extra } = socket;
    extra.authorization = authorizationOf(socket);
    try {
      const viewer = await authenticate(extra.authorization);
      if (extra.socket.readyState !== extra.socket.OPEN) return false;
      if (viewer.ok) {
        extra.viewer = viewer.value;
        extra.signedInAt = clock.now().getTime();
        admitted.add(socket);
        return true;
      }
      if (viewer.failure.code === 'UNAUTHENTICATED') return false;
    } catch (error) {
      log.warn('websocket.sign-in-failed', { message: messageOf(error) });
    }
    extra.socket.close(TRY_AGAIN_LATER, 'Sign-in cannot be checked now');
    return false;
  }

  /** One look at all of them costs less than ten thousand timers. */
  const expiry = setInterval(() => {
    const ended = clock.now().getTime() - AFTER_EXPIRY_MS;
    for (const { extra } of admitted) {
      if (extra.viewer !== null && extra.viewer.expiresAt <= ended) extra.socket.close(FORBIDDEN, 'Token expired');
    }
  }, EXPIRY_LOOK_MS);
  expiry.unref();

  /** Authorizes this subscriber by the schema's own `subscribe`, then joins the group that shares its executions. */
  async function open(args: ExecutionArgs): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
    const operation = prepared.get(args);
    if (operation === undefined) throw new Error('An operation was not prepared.');
    prepared.delete(args);
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return { errors: source.errors?.map(options.subscriptions.shown) ?? [] };
    const { id, extra, shared } = operation;
    return new SocketStream({
      id,
      outbox: extra.outbox,
      updates: (source as UpdateSource)[Symbol.asyncIterator](),
      group: execution.join(shared),
      sent: () => void (counters.delivered += 1),
      // Perhaps for who they are: the next operation looks it up.
      refused: () => void (extra.signedInAt = 0),
    });
  }

  async function prepare(socket: Socket, id: string, payload: SubscribePayload): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { authorization } = socket.extra;
    const viewer = await presentViewer(socket.extra);
    if (viewer === null) return [refusal('UNAUTHENTICATED', 'Sign in: send "authorization" in the connection params.')];
    if (Object.keys(socket.subscriptions).length > limits.operations) {
      return [refusal('TOO_MANY_OPERATIONS', `A socket carries at most ${limits.operations} operations at a time.`)];
    }
    const read = await readOperation(payload, authorization, options);
    if ('errors' in read) return read.errors;
    const { schema, document, operation } = read;
    const args: ExecutionArgs = {
      schema,
      document,
      operationName: payload.operationName,
      variableValues: payload.variables,
      contextValue: options.subscriptions.contextFor(viewer),
    };
    const variables = payload.variables ?? {};
    prepared.set(args, { id, extra: socket.extra, shared: { document, operation, variables, viewer } });
    return args;
  }

  async function presentViewer(extra: Extra): Promise<Viewer | null> {
    const now = clock.now().getTime();
    if (extra.viewer === null || now - extra.signedInAt < SIGN_IN_FRESH_MS) return extra.viewer;
    const viewer = await authenticate(extra.authorization);
    if (!viewer.ok) throw refusal(viewer.failure.code, viewer.failure.message);
    extra.viewer = viewer.value;
    extra.signedInAt = now;
    return viewer.value;
  }

  function shown(error: unknown): GraphQLError {
    if (error instanceof GraphQLError) return error;
    log.error('websocket.operation-failed', { message: messageOf(error) });
    return refusal('INTERNAL_SERVER_ERROR', 'Something went wrong here.');
  }

  function opened(socket: WebSocket, request: IncomingMessage): void {
    counters.opened += 1;
    const outbox = createOutbox(socket, request.socket);
    const authorization = request.headers.authorization ?? null;
    const extra: Extra = { socket, outbox, authorization, viewer: null, signedInAt: 0 };
    pings.watch(socket);
    // What is wrong with a frame is the client's affair: `ws` closes the socket with the code that says so.
    socket.on('error', (error) => log.debug('websocket.error', { message: error.message }));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) =>
          new Promise((resolve, reject) => {
            // What streams have put into the outbox comes before this.
            outbox.flush();
            if (socket.readyState === socket.OPEN) socket.send(text, (error) => (error == null ? resolve() : reject(error)));
            else resolve();
          }),
        close(code, reason) {
          outbox.flush();
          socket.close(code, reason);
        },
        onMessage: (received) =>
          socket.on('message', (data: Buffer) => {
            received(data.toString('utf8')).catch((error: unknown) => {
              if (socket.readyState !== socket.OPEN) return;
              log.warn('websocket.message-failed', { message: messageOf(error) });
              socket.close(TRY_AGAIN_LATER, 'Try again');
            });
          }),
      },
      extra,
    );
    socket.once('close', (code, reason) => {
      counters.closed[code] = (counters.closed[code] ?? 0) + 1;
      closed(code, reason.toString('utf8')).catch((error: unknown) => log.warn('websocket.close-failed', { message: messageOf(error) }));
    });
  }

  let stopping = false;
  function onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // Over a connection that was there before; the listening socket is closed.
    if (stopping) return refuseUpgrade(stream, '503 Service Unavailable');
    if (pathOf(request) !== path) return refuseUpgrade(stream, '404 Not Found');
    if (!isAllowedOrigin(request, options.allowedOrigins)) return refuseUpgrade(stream, '403 Forbidden');
    sockets.handleUpgrade(request, stream, head, opened);
  }

  function refuseUpgrade(stream: Duplex, status: string): void {
    counters.refused += 1;
    stream.on('error', () => {});
    stream.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  }

  server.on('upgrade', onUpgrade);
  return {
    counters() {
      let operations = 0;
      for (const socket of admitted) operations += Object.keys(socket.subscriptions).length;
      return {
        ...counters,
        closed: { ...counters.closed },
        open: sockets.clients.size,
        operations,
        groups: execution.groups(),
        executions: execution.executions(),
      };
    },
    async stop(everyMs = 0) {
      stopping = true;
      await spread([...sockets.clients], everyMs, (socket) => socket.close(SERVICE_RESTART, 'Service restart'));
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, CLOSE_WAIT_MS);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      clearTimeout(cut);
      pings.stop();
      clearInterval(expiry);
    },
  };
}

/** Browsers always send Origin, and a page of another origin must not open a socket; other clients may leave it out. */
function isAllowedOrigin(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function authorizationOf({ connectionParams, extra }: Socket): string | null {
  const given = connectionParams?.authorization ?? connectionParams?.Authorization;
  // What is there but no text is no token either, and must not pass for "none".
  if (given != null) return typeof given === 'string' ? given : 'not a token';
  return extra.authorization;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
