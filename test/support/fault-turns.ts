/**
 * @file For tests that fail the n-th operation of something: which of them fail today, and how. All of them are met in
 * time, as the choice changes from day to day; what is said at the start makes a day's choice again.
 */
import type { FaultKind } from "./faults.ts";

const kinds: readonly FaultKind[] = ["ENOSPC", "crash", "EIO", "full", "EACCES"];

/** An operation that fails today. */
export interface FaultTurn {
  /** Its number, from 1. */
  readonly at: number;
  readonly kind: FaultKind;
}

/** Where operations are shared among test files. */
export interface TurnShare {
  /** Number of the first operation of this file. */
  readonly first?: number;
  /** Every so many of them are this file's. */
  readonly every?: number;
  /**
   * Of the operations that touch nothing acknowledged or charged, one of so many fails each day where
   * `TUNEWISE_FAULT_STRIDE` does not say; 1: each of them.
   */
  readonly usualStride: number;
}

/**
 * Files of state that was acknowledged or charged: the meter and its tick, what was reported, requests to stop, the
 * journal, checkpoints, the exit code.
 */
const chargedPath =
  /meter\.(tick|json)(?!\.lock)|settled\.json|stop\.json|record\.jsonl|checkpoints\/|claim\//;

/** Whether a file holds state that was acknowledged or charged. */
export function isChargedPath(path: string): boolean {
  return chargedPath.test(path);
}

/**
 * Whether an operation touches state that was acknowledged or charged. Of a transaction of the store that is what makes
 * it final: the statements within it are undone with it.
 */
export function isCharged(operation: string): boolean {
  return /^sql COMMIT/.test(operation) || (!/^(open|mkdir|sql) /.test(operation) && isChargedPath(operation));
}

/**
 * The operations that fail today: all that touch acknowledged or charged state, and a share of the others; and what to
 * set to have the same again. Neighbours meet other faults, and each meets another once all have been met.
 *
 * @param operations as `injectFaults` gives them
 */
export function faultTurns(
  operations: readonly string[],
  { first = 1, every = 1, usualStride }: TurnShare,
): { readonly turns: readonly FaultTurn[]; readonly again: string } {
  const count = operations.length;
  const stride = Number(process.env["TUNEWISE_FAULT_STRIDE"] ?? usualStride);
  const day = Number(process.env["TUNEWISE_FAULT_DAY"] ?? Math.floor(Date.now() / 86_400_000));
  const shift = Math.floor(day / stride);
  const turns: FaultTurn[] = [];
  for (let at = first; at <= count; at += every) {
    const isToday = ((at - first) / every) % stride === day % stride;
    if (!isToday && !isCharged(operations[at - 1] ?? "")) continue;
    turns.push({ at, kind: kinds[(at + Math.floor(at / kinds.length) + shift) % kinds.length] ?? "EIO" });
  }
  const set = `TUNEWISE_FAULT_STRIDE=${stride} TUNEWISE_FAULT_DAY=${day} npm run faults`;
  return { turns, again: `${turns.length} of ${count} operations; the same again: ${set}` };
}
