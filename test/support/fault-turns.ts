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
  /** One of so many of the file's own fails each day where `TUNEWISE_FAULT_STRIDE` does not say; 1: each of them. */
  readonly usualStride: number;
}

/**
 * The operations that fail today, and what to set to have the same again. Neighbours meet other faults, and each meets
 * another once all have been met.
 */
export function faultTurns(
  count: number,
  { first = 1, every = 1, usualStride }: TurnShare,
): { readonly turns: readonly FaultTurn[]; readonly again: string } {
  const stride = Number(process.env["TUNEWISE_FAULT_STRIDE"] ?? usualStride);
  const day = Number(process.env["TUNEWISE_FAULT_DAY"] ?? Math.floor(Date.now() / 86_400_000));
  const shift = Math.floor(day / stride);
  const turns: FaultTurn[] = [];
  for (let at = first + every * (day % stride); at <= count; at += every * stride) {
    turns.push({ at, kind: kinds[(at + Math.floor(at / kinds.length) + shift) % kinds.length] ?? "EIO" });
  }
  const set = `TUNEWISE_FAULT_STRIDE=${stride} TUNEWISE_FAULT_DAY=${day} npm run faults`;
  const numbers = turns.slice(0, 2).map(({ at }) => at);
  return { turns, again: `operations ${numbers.join(", ")} and so on of ${count}; the same again: ${set}` };
}
