/**
 * @file Retries writes of payments while the store is busy or its disk fails: an unrecorded payment would be paid
 * twice, and its reservation would remain.
 */
import type { AskWorld } from "../../ask/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { createWriter, Transaction } from "../../track/index.ts";

/** Maximum number of attempts. */
const maxAttempts = 5;
/** Pause after the first failure; it grows linearly with each attempt. */
const pauseMs = 250;

/** Transient failures, after which the transaction is rolled back or its outcome unknown. */
const transientCodes: readonly string[] = ["STORE_BUSY", "STORE_WRITE_FAILED"];

/**
 * Retries idempotent work until it is committed.
 *
 * @throws {TunewiseError} `STORE_BUSY`, `STORE_WRITE_FAILED` of the last attempt; other errors of `work` at once
 */
export async function writeWithRetry(
  write: ReturnType<typeof createWriter>,
  { sleep }: Pick<AskWorld, "sleep">,
  work: (transaction: Transaction) => Promise<unknown>,
): Promise<void> {
  for (let at = 1; ; at++) {
    try {
      await write(work);
      return;
    } catch (error) {
      if (at >= maxAttempts || !TunewiseError.is(error) || !transientCodes.includes(error.code)) throw error;
      // Not interrupted by the caller's signal: payments are recorded first.
      await sleep(pauseMs * at, new AbortController().signal);
    }
  }
}
