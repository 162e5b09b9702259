/**
 * @file Groups that stand on both sides of a split, and held-out rows from before training ended.
 */

/** Rows that share a group with a row of an earlier part. */
export interface SharedGroup {
  readonly row: number;
  /** The first row of the earliest part with that group. */
  readonly other: number;
}

/**
 * Held-out rows whose group (customer, document, conversation) an earlier part has as well.
 *
 * @param groups value of each row; `null` or "" for none
 * @param part part of each row, 0 for training
 */
export function groupsAcross(groups: readonly (string | null)[], part: Uint8Array): SharedGroup[] {
  const first = new Map<string, number>();
  for (const [row, group] of groups.entries()) {
    if (group === null || group === "") continue;
    const known = first.get(group);
    if (known === undefined || (part[row] as number) < (part[known] as number)) first.set(group, row);
  }
  const found: SharedGroup[] = [];
  for (const [row, group] of groups.entries()) {
    if (group === null || group === "") continue;
    const other = first.get(group) as number;
    if ((part[other] as number) < (part[row] as number)) found.push({ row, other });
  }
  return found;
}

/** Held-out rows that are older than the newest training row. */
export interface EarlyRows {
  /** The newest training row, or -1 where no training row has a time. */
  readonly newest: number;
  readonly rows: Uint32Array;
  /** Held-out rows that have a time. */
  readonly timed: number;
}

/**
 * Looks whether training rows are all older than those of a held-out part, as they would be in use.
 *
 * @param times milliseconds of each row; NaN where unknown
 * @param part part of each row, 0 for training
 * @param heldOut the part asked about
 */
export function rowsBeforeNewest(times: Float64Array, part: Uint8Array, heldOut: number): EarlyRows {
  let newest = -1;
  for (const [row, time] of times.entries()) {
    if (part[row] === 0 && !Number.isNaN(time) && (newest === -1 || time > (times[newest] as number)))
      newest = row;
  }
  const end = newest === -1 ? Number.NEGATIVE_INFINITY : (times[newest] as number);
  const timed = Uint32Array.from(times.keys()).filter(
    (row) => part[row] === heldOut && !Number.isNaN(times[row] as number),
  );
  return { newest, rows: timed.filter((row) => (times[row] as number) < end), timed: timed.length };
}
