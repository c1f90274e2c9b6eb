/** What a crowd's process is told and answers, over the IPC channel of Node. */
export interface OpenCrowd {
  do: 'open';
  url: string;
  transport: 'ws' | 'sse';
  size: number;
  /** The subscriber with this index subscribes as `who[index % who.length]`. */
  who: Subscription[];
  /** How one knows that a subscription runs: its first result is a POSITION, or it was sent and the server is asked. */
  ready: 'position' | 'sent';
}

export interface Subscription {
  /** Null where nobody asks. */
  authorization: string | null;
  /** `{"query": …, "variables": …}` */
  payload: string;
}

export type ToCrowd =
  | OpenCrowd
  /** Answered once so many results more have come than were waited for before. */
  | { do: 'wait'; results: number; times: boolean }
  | { do: 'status' };

export type FromCrowd =
  /** Times as `machineMs` tells them. */
  | { opened: true; startedAt: number }
  /** `times`: when each arrived, on the machine's monotonic clock in ms. */
  | { heard: true; times: number[]; lastAt: number }
  /** `last`: text of the newest result. */
  | { status: true; results: number; expected: number; open: number; last: string }
  | { lost: string };

/** The same clock in every process of the machine. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
