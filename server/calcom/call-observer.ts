/** Who wants to know of every call of Cal.com: counts and words, no credential and no booking. */
export interface CallObserver {
  /** `call`: a name of ours. `outcome`: the HTTP status, or the kind of failure without one. */
  called(call: { call: string; outcome: string; ms: number }): void;
  /** Calls left in the window of a credential's rate limit, as an answer said. */
  budget(remaining: number): void;
  breaker(open: boolean): void;
}
