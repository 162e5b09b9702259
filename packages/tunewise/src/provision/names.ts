/**
 * @file Names of rented machines: they start with a tag and are derived from the run, so that a lost machine can be
 * found again.
 */
import { createHash } from "node:crypto";

/** Prefix of the names of all machines that tunewise creates. */
export const tag = "tunewise-";

/** Hash digits in a name; dstack allows names of at most 41 characters. */
const hashDigits = 16;

/**
 * The name of a run's machine, the same for every process at any time.
 *
 * @param run id of the run
 * @param attempt 1 for the run's first machine; incremented after the receipt of the previous one
 */
export function machineName(run: string, attempt: number): string {
  return `${tag}${createHash("sha256").update(run).digest("hex").slice(0, hashDigits)}-${attempt}`;
}
