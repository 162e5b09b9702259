/** @file What operations on a store use of their process. */

/** Folder, clock, randomness, environment and cancellation of the calling program. Functions take the part they use. */
export interface StoreHost {
  /** Working directory for relative paths. */
  readonly cwd: string;
  readonly now: () => Date;
  /** Monotonic clock, in seconds. */
  readonly elapsedSeconds: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Random bytes that nobody can predict, for salts and tokens. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Environment variables, for keys of buckets. Never shown. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Versions of programs, for archives; `tunewise` is this one's. */
  readonly versions: Readonly<Record<string, string>>;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}
