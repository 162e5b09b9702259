/** @file Names of rented machines: they carry our tag and follow from the run, so that a lost one can be found again. */
import { createHash } from "node:crypto";

/** How the names of all machines begin that this program creates. */
export const tag = "tunewise-";

/** Digits of a hash in a name; whole names are at most 41 characters in dstack. */
const hashDigits = 16;

/**
 * The name of a run's machine: the same whoever asks, and whenever.
 *
 * @param run id of the run
 * @param attempt 1 for its first machine; the next one, after a receipt for the one before, has the next number
 */
export function machineName(run: string, attempt: number): string {
  return `${tag}${createHash("sha256").update(run).digest("hex").slice(0, hashDigits)}-${attempt}`;
}
