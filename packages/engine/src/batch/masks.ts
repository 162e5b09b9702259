/** @file Attention masks, as numbers added to attention scores. */

/** Far below any score, yet finite: a fully masked row stays free of NaN. */
const hidden = -1e30;

/**
 * Causal mask of a block of queries over the keys up to its end, the same for each row.
 *
 * @param block first query and number of queries
 * @param window keys a query can attend to, itself included; `null` means all before it
 * @returns `[rows, 1, 1, size, from + size]`
 */
export function rowMask(
  rows: number,
  { from, size }: { readonly from: number; readonly size: number },
  window: number | null,
): Float32Array {
  const length = from + size;
  const mask = new Float32Array(rows * size * length);
  const one = mask.subarray(0, size * length);
  for (let place = 0; place < size; place++) {
    const query = from + place;
    for (let key = 0; key < length; key++) {
      const seen = key <= query && (window === null || query - key < window);
      one[place * length + key] = seen ? 0 : hidden;
    }
  }
  for (let row = 1; row < rows; row++) mask.set(one, row * size * length);
  return mask;
}

/**
 * Mask of rows over a KV cache of `size` positions, of which the first `filled` hold tokens 0, 1, ...; the rows' own
 * tokens have positions `filled`, `filled + 1`, ...
 *
 * @returns `[rows, 1, 1, length, size]`
 */
export function windowMask(
  rows: number,
  length: number,
  size: number,
  filled: number,
  window: number | null,
): Float32Array {
  const mask = new Float32Array(rows * length * size);
  const one = mask.subarray(0, length * size);
  for (let query = 0; query < length; query++) {
    for (let key = 0; key < size; key++) {
      const seen = key < filled && (window === null || filled + query - key < window);
      one[query * size + key] = seen ? 0 : hidden;
    }
  }
  for (let row = 1; row < rows; row++) mask.set(one, row * length * size);
  return mask;
}

/**
 * Mask of tree attention: each token attends to itself and to its ancestors.
 *
 * @param parents index of each token's parent, which comes before it; -1 for none
 * @param depths tokens from the root, starting at 1
 * @param size of the grid; positions beyond the tree attend to nothing
 * @returns `[1, 1, 1, size, size]`
 */
export function pathMask(
  parents: readonly number[],
  depths: readonly number[],
  size: number,
  window: number | null,
): Float32Array {
  const mask = new Float32Array(size * size).fill(hidden);
  for (let query = 0; query < parents.length; query++) {
    for (let key = query; key >= 0; key = parents[key] as number) {
      const distance = (depths[query] as number) - (depths[key] as number);
      if (window === null || distance < window) mask[query * size + key] = 0;
    }
  }
  return mask;
}

/**
 * Mask of a tree's tokens over a KV cache of `size` positions, of which the first `filled` hold tokens.
 *
 * @param depths tokens from the root, starting at 1: a token has position `filled + depth - 1`
 * @param length of the grid; positions beyond the tree attend to nothing
 * @returns `[1, 1, 1, length, size]`
 */
export function memoryPathMask(
  depths: readonly number[],
  length: number,
  size: number,
  filled: number,
  window: number | null,
): Float32Array {
  const mask = new Float32Array(length * size).fill(hidden);
  for (const [query, depth] of depths.entries()) {
    const first = window === null ? 0 : Math.max(0, filled + depth - window);
    mask.fill(0, query * size + first, query * size + filled);
  }
  return mask;
}
