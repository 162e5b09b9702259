/** @file Counts of calls: how many became rows, and why others did not. */

/** Why a sampled call has no row. */
export const dropReasons = {
  failed: "the API answered with an error, or the answer broke off",
  unreadable: "request or answer is not a chat completion in JSON, or has an unknown compression",
  empty: "no message, or an answer without text and calls",
  "too-large": "request and answer are too large to record",
  "too-slow": "masking took too long",
  "queue-full": "rows came faster than they could be masked",
  full: "the file has reached its maximum size",
  disk: "the file could not be written",
  lost: "the process that masks and writes rows ended",
} as const;

/** Why a sampled call has no row. */
export type DropReason = keyof typeof dropReasons;

/** What became of the calls so far. */
export interface RecordCounts {
  /** Chat completions that were passed on. */
  readonly calls: number;
  /** Calls outside the sample. */
  readonly unsampled: number;
  /** Rows in the file. */
  readonly recorded: number;
  readonly bytes: number;
  /** Sampled calls without a row. */
  readonly dropped: Readonly<Record<DropReason, number>>;
}

/** Counts that grow. */
export class CallCounter {
  calls = 0;
  unsampled = 0;
  recorded = 0;
  bytes = 0;
  readonly dropped: Record<DropReason, number> = {
    failed: 0,
    unreadable: 0,
    empty: 0,
    "too-large": 0,
    "too-slow": 0,
    "queue-full": 0,
    full: 0,
    disk: 0,
    lost: 0,
  };

  drop(reason: DropReason, calls = 1): void {
    this.dropped[reason] += calls;
  }

  /** Adds the counts of another recorder. */
  add({ calls, unsampled, recorded, bytes, dropped }: RecordCounts): void {
    this.calls += calls;
    this.unsampled += unsampled;
    this.recorded += recorded;
    this.bytes += bytes;
    for (const [reason, count] of Object.entries(dropped)) this.drop(reason as DropReason, count);
  }

  /** A copy of the counts. */
  read(): RecordCounts {
    const { calls, unsampled, recorded, bytes, dropped } = this;
    return { calls, unsampled, recorded, bytes, dropped: { ...dropped } };
  }
}
