/** @file Splits by time: the latest rows are tested, and the rows of a group, such as a customer, stay together. */
import type { Example } from "@tunewise/core/rows";

/**
 * Assigns every row to a split so that no training row is later than the last row of any group that is tested.
 *
 * Groups are ordered by the time of their last row. The latest groups become test rows until their share is
 * reached, the
 * next ones validation rows, and the rest training rows. A model is thus tested on users whom it has not seen, at
 * the end
 * of a time that training does not reach. Earlier rows of a tested group are tested too. Rows without a time are the
 * earliest. Groups with the same last time are in the order of the file.
 *
 * @param groupOf group of each row, as arbitrary numbers
 * @param shares desired shares of training, validation and test rows
 * @returns per row 0 (training), 1 (validation) or 2 (test); deterministic
 */
export function splitByTime(
  rows: readonly Pick<Example, "time">[],
  groupOf: ArrayLike<number>,
  [, validation = 0, test = 0]: readonly number[],
): Uint8Array {
  const groups = new Map<number, { last: number; count: number }>();
  for (const [at, { time = Number.NEGATIVE_INFINITY }] of rows.entries()) {
    const known = groups.get(groupOf[at] as number);
    if (known === undefined) groups.set(groupOf[at] as number, { last: time, count: 1 });
    else {
      known.last = Math.max(known.last, time);
      known.count++;
    }
  }
  const latestFirst = [...groups].reverse().sort(([, a], [, b]) => compareTimes(b.last, a.last));
  const wanted = [test, validation].map((share) => Math.round(share * rows.length));
  const partOf = new Map<number, number>();
  let [part, taken] = [0, 0];
  for (const [group, { count }] of latestFirst) {
    while (part < wanted.length && isFull(wanted[part] as number, taken, count))
      [part, taken] = [part + 1, 0];
    partOf.set(group, wanted.length - part);
    taken += count;
  }
  return Uint8Array.from(rows, (_, at) => partOf.get(groupOf[at] as number) ?? 0);
}

/**
 * Whether a part is nearer to its wanted rows without the next group. The first group always fits, if any is
 * wanted.
 */
function isFull(wanted: number, taken: number, next: number): boolean {
  if (wanted === 0 || taken >= wanted) return true;
  return taken > 0 && taken + next - wanted > wanted - taken;
}

/** Compares times that may be negative infinity, whose difference is not a number. */
function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
