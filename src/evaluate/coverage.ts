/**
 * @file How many rows a score rests on, and when too few of them could be judged for it to say anything.
 */

/**
 * Above this share of rows that could not be judged a score is void.
 *
 * Rows that fail are seldom like the others: long ones run into limits, odd ones have broken references. With one
 * row in twenty left out, a share is at most five points off whatever they would have been; beyond, the printed
 * figure would be about other rows than the test rows.
 *
 * @source with a share u left out and the rest at q, the whole lies between q(1 - u) and q(1 - u) + u
 */
export const unjudgedShareMost = 0.05;

/** Rows behind a score. */
export interface Coverage {
  /** Rows that were judged. */
  readonly rows: number;
  /** Rows that should have been and could not: no answer came, or nobody can tell right from wrong. */
  readonly unjudged: number;
  /** Too many of them: the score has no value. */
  readonly isVoid: boolean;
}

/** The rows behind a score, and whether it stands. */
export function coverageOf(rows: number, unjudged: number): Coverage {
  return { rows, unjudged, isVoid: unjudged > unjudgedShareMost * (rows + unjudged) };
}

/** `""` where every row was judged; else how many were not, for the line of the score. */
export function coverageText({
  rows,
  unjudged = 0,
  isVoid = false,
}: Pick<Coverage, "rows"> & Partial<Coverage>): string {
  if (unjudged === 0) return "";
  const count = `${unjudged} of ${rows + unjudged} rows not judged`;
  return isVoid ? `void: ${count}` : count;
}
