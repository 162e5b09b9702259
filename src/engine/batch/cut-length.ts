/**
 * @file Into how many blocks of queries a row is cut.
 */

/** Lengths from which on a row is cut into so many blocks; more blocks save less than they cost below. */
const steps = [
  { from: 1024, count: 8 },
  { from: 320, count: 4 },
  { from: 192, count: 2 },
] as const;

/** Blocks of a length: `count - 1` of size `block`, and the `last`. */
export interface LengthCut {
  readonly count: number;
  readonly block: number;
  readonly last: number;
}

/** The cut of a length; every block has at least one token. */
export function cutLength(length: number): LengthCut {
  const count = steps.find(({ from }) => length >= from)?.count ?? 1;
  const block = Math.ceil(length / count);
  return { count, block, last: length - (count - 1) * block };
}
