/** @file Limits how far the rows of binary files may expand, and words what their decoders throw. */

import { MAX_EXPANSION, MIN_EXPANDED_UNITS } from "./limits.ts";

/** Overhead of a row in characters. */
const ROW_UNITS = 100;

/**
 * Returns a function that counts the characters of rows: a dictionary can expand a few bytes into millions of rows.
 * It throws an `Error` once they exceed the limit.
 *
 * @param fileBytes size of the file
 */
export function expansionCheck(fileBytes: number): (row: unknown) => void {
  const maxUnits = Math.max(MIN_EXPANDED_UNITS, MAX_EXPANSION * fileBytes);
  let total = 0;
  return (row) => {
    total += unitsOf(row);
    if (total > maxUnits) throw new Error(`${fileBytes} bytes hold more than ${maxUnits} characters`);
  };
}

/** Approximate size of a row in characters; nested values count one. */
function unitsOf(row: unknown): number {
  let units = ROW_UNITS;
  for (const value of Object.values(row as object)) units += typeof value === "string" ? value.length : 1;
  return units;
}

/**
 * Why a file cannot be decoded. Decoders report this as a plain `Error`. Errors of other classes come from JavaScript
 * itself ("must be an instance of SharedArrayBuffer") and mean nothing to the user.
 */
export function clauseOf(cause: unknown, otherwise: string): string {
  return cause instanceof Error && cause.constructor === Error ? cause.message : otherwise;
}
