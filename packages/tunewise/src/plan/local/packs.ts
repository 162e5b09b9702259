/** @file Packing of rows up to a given number of tokens. */
/** A unit of batching: one row, or a pack. */
export interface Unit {
  readonly rows: number;
  readonly tokens: number;
  readonly longest: number;
}

/**
 * Packs rows, longest first, each into the fullest pack that it fits into.
 *
 * The engine uses first fit in windows of the shuffled rows; the number of packs differs by a few percent at most.
 *
 * @param sorted lengths in ascending order
 * @param size max. tokens of a pack
 * @source Johnson 1973, "Near-optimal bin packing algorithms": best fit decreasing
 */
export function packRows(sorted: readonly number[], size: number): Unit[] {
  const shortest = sorted[0] ?? 0;
  const open: Unit[] = []; // packs that can take another row, fullest first
  const closed: Unit[] = [];
  for (let index = sorted.length - 1; index >= 0; index--) {
    const length = sorted[index] ?? 0;
    const [pack = { rows: 0, tokens: 0, longest: length }] = open.splice(
      firstWithRoom(open, size - length),
      1,
    );
    const fuller = { rows: pack.rows + 1, tokens: pack.tokens + length, longest: pack.longest };
    if (size - fuller.tokens < shortest) closed.push(fuller);
    else open.splice(firstWithRoom(open, fuller.tokens), 0, fuller);
  }
  return [...closed, ...open];
}

/** Index of the first pack with at most `most` tokens. */
function firstWithRoom(fullestFirst: readonly Unit[], most: number): number {
  let [low, high] = [0, fullestFirst.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((fullestFirst[middle]?.tokens ?? 0) > most) low = middle + 1;
    else high = middle;
  }
  return low;
}
