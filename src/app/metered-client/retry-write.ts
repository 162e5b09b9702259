/**
 * @file Writes what was paid, also where the store is busy or its disk fails for a while: what is not written down is
 *   paid for twice, and its money stays set aside.
 */
import type { AskWorld } from "../../ask/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { createWriter, Transaction } from "../../track/index.ts";

/** How often it is tried. */
const writesMost = 5;
/** Pause after the first failure; the next ones are twice as long, three times and so on. */
const pauseMs = 250;

/** Failures of a store that may pass; each leaves all of a transaction undone, or its end unknown. */
const passing: readonly string[] = ["STORE_BUSY", "STORE_WRITE_FAILED"];

/**
 * Does work that may be done twice without another result, until it is in the store.
 *
 * @throws {TunewiseError} `STORE_BUSY`, `STORE_WRITE_FAILED` of the last try, and at once whatever else the work throws
 */
export async function writeSurely(
  write: ReturnType<typeof createWriter>,
  { sleep }: Pick<AskWorld, "sleep">,
  work: (transaction: Transaction) => Promise<unknown>,
): Promise<void> {
  for (let at = 1; ; at++) {
    try {
      await write(work);
      return;
    } catch (error) {
      if (at >= writesMost || !TunewiseError.is(error) || !passing.includes(error.code)) throw error;
      // Not cut short by the caller's signal: what was paid is written down first.
      await sleep(pauseMs * at, new AbortController().signal);
    }
  }
}
