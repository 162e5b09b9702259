/**
 * @file The merge loops of byte-pair encoding: a linear scan for short pieces, a heap for long ones, with the same
 * result.
 */

/** Symbols of a piece: ids and lengths in UTF-16 units. */
export interface Symbols {
  readonly ids: number[];
  readonly lengths: number[];
}

/** Merges: `left * stride + right` to `rank * stride + merged`. */
export interface PairTable {
  readonly values: Map<number, number>;
  readonly stride: number;
}

const NONE = Number.POSITIVE_INFINITY;

/** Merges by scanning all pairs for the lowest rank; fastest up to a few dozen symbols. Modifies its argument. */
export function mergeShort(symbols: Symbols, { values, stride }: PairTable): Symbols {
  const { ids, lengths } = symbols;
  const valueAt = (i: number): number =>
    i + 1 < ids.length ? (values.get((ids[i] as number) * stride + (ids[i + 1] as number)) ?? NONE) : NONE;
  const pairs: number[] = [];
  for (let i = 0; i + 1 < ids.length; i++) pairs.push(valueAt(i));
  for (;;) {
    let best = -1;
    let bestValue = NONE;
    for (let i = 0; i < pairs.length; i++) {
      const value = pairs[i] as number;
      if (value < bestValue) {
        bestValue = value;
        best = i;
      }
    }
    if (best < 0) return symbols;
    ids[best] = bestValue % stride;
    lengths[best] = (lengths[best] as number) + (lengths[best + 1] as number);
    ids.splice(best + 1, 1);
    lengths.splice(best + 1, 1);
    pairs.splice(best, 1);
    if (best > 0) pairs[best - 1] = valueAt(best - 1);
    if (best < pairs.length) pairs[best] = valueAt(best);
  }
}

/** Merges with a linked list and a heap of candidate pairs in O(n log n). */
export function mergeLong(symbols: Symbols, { values, stride }: PairTable): Symbols {
  const { ids, lengths } = symbols;
  const count = ids.length;
  const next = Int32Array.from({ length: count }, (_, i) => (i + 1 < count ? i + 1 : -1));
  const previous = Int32Array.from({ length: count }, (_, i) => i - 1);
  const removed = new Uint8Array(count);
  const valueAt = (i: number): number => {
    const after = next[i] as number;
    return after < 0 ? NONE : (values.get((ids[i] as number) * stride + (ids[after] as number)) ?? NONE);
  };
  const heap = pairHeap();
  const offer = (i: number): void => {
    const value = valueAt(i);
    if (value !== NONE) heap.push(value, i);
  };
  for (let i = 0; i < count; i++) offer(i);
  for (let top = heap.pop(); top !== null; top = heap.pop()) {
    const { value, at } = top;
    // Entries are not removed when their pair changes; stale ones are skipped.
    if (removed[at] === 1 || valueAt(at) !== value) continue;
    const merged = next[at] as number;
    ids[at] = value % stride;
    lengths[at] = (lengths[at] as number) + (lengths[merged] as number);
    removed[merged] = 1;
    const after = next[merged] as number;
    next[at] = after;
    if (after >= 0) previous[after] = at;
    const before = previous[at] as number;
    if (before >= 0) offer(before);
    offer(at);
  }
  const isLeft = (_: number, i: number): boolean => removed[i] === 0;
  return { ids: ids.filter(isLeft), lengths: lengths.filter(isLeft) };
}

interface PairHeap {
  push(value: number, at: number): void;
  pop(): { readonly value: number; readonly at: number } | null;
}

/** A binary heap ordered by value, then by position. */
function pairHeap(): PairHeap {
  const items: { value: number; at: number }[] = [];
  const isBefore = (a: { value: number; at: number }, b: { value: number; at: number }): boolean =>
    a.value < b.value || (a.value === b.value && a.at < b.at);
  return {
    push(value, at): void {
      const item = { value, at };
      let place = items.length;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        const above = items[parent] as { value: number; at: number };
        if (!isBefore(item, above)) break;
        items[place] = above;
        place = parent;
      }
      items[place] = item;
    },
    pop(): { value: number; at: number } | null {
      const top = items[0];
      const last = items.pop();
      if (top === undefined || last === undefined) return null;
      if (items.length === 0) return top;
      let place = 0;
      for (;;) {
        let child = 2 * place + 1;
        const right = items[child + 1];
        if (right !== undefined && isBefore(right, items[child] as { value: number; at: number })) child++;
        const smaller = items[child];
        if (smaller === undefined || !isBefore(smaller, last)) break;
        items[place] = smaller;
        place = child;
      }
      items[place] = last;
      return top;
    },
  };
}
