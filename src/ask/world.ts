/** @file What asking needs from outside: network, clock, chance. */

/** Handed in from `app`; tests hand in their own. */
export interface AskWorld {
  readonly fetch: typeof globalThis.fetch;
  /** Ends after so many milliseconds, or at once when the signal says so; never fails. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
