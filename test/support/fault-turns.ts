/**
 * @file For tests in which the n-th operation fails: selects today's operations and faults. The selection rotates
 * daily, so that every operation fails eventually. The test prints the variables that reproduce the selection.
 */
import type { FaultKind } from "./faults.ts";

const kinds: readonly FaultKind[] = ["ENOSPC", "crash", "EIO", "full", "EACCES"];

/** An operation that fails today. */
export interface FaultTurn {
  /** Its number, from 1. */
  readonly at: number;
  readonly kind: FaultKind;
}

/** How test files divide the operations. */
export interface TurnShare {
  /** Number of the first operation of this file. */
  readonly first?: number;
  /** This file takes every n-th operation. */
  readonly every?: number;
  /**
   * Of the operations that do not touch acknowledged or charged state, one in this many fails each day, unless
   * `TUNEWISE_FAULT_STRIDE` is set; 1: all.
   */
  readonly usualStride: number;
}

/**
 * Paths of acknowledged or charged state: the meter and its tick, reported amounts, stop requests, the journal,
 * checkpoints, the exit code.
 */
const chargedPath =
  /meter\.(tick|json)(?!\.lock)|settled\.json|stop\.json|record\.jsonl|checkpoints\/|claim\//;

/** Whether a path holds acknowledged or charged state. */
export function isChargedPath(path: string): boolean {
  return chargedPath.test(path);
}

/**
 * Whether an operation touches acknowledged or charged state. Of a transaction of the store, only the commit does: the
 * database rolls back the statements before it.
 */
export function isCharged(operation: string): boolean {
  return /^sql COMMIT/.test(operation) || (!/^(open|mkdir|sql) /.test(operation) && isChargedPath(operation));
}

/**
 * Selects the operations that fail today: all that touch acknowledged or charged state, and a share of the others. Also
 * returns the command that repeats the selection. Neighboring operations get different faults, and an operation's fault
 * rotates after each full round.
 *
 * @param operations as recorded by `injectFaults`
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
