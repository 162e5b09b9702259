/** @file The KV cache: keys and values of tokens already processed, for decoding. */
import type { Architecture } from "../models/architecture.ts";
import type { Feeds } from "../runtime/session.ts";

/** Keys and values of one layer. */
interface LayerCache {
  readonly key: Float32Array;
  readonly value: Float32Array;
}

/** KV cache of B rows with a capacity of C tokens each, all layers: `[B, K, C, E]` per layer. */
export class KeyValueCache {
  private count: number;
  private room: number;
  private readonly stored: Int32Array;
  private readonly model: Architecture;
  private readonly layers: LayerCache[];

  constructor(model: Architecture, rows: number, capacity: number) {
    this.model = model;
    this.count = rows;
    this.room = capacity;
    this.stored = new Int32Array(rows);
    this.layers = Array.from({ length: model.layers }, () => this.fresh());
  }

  /** C, the capacity of a row in tokens. */
  get capacity(): number {
    return this.room;
  }

  /** Tokens stored per row. */
  get lengths(): Int32Array {
    return this.stored.subarray(0, this.count);
  }

  /** Cache inputs of a layer, for the rows `from` to `until` (exclusive). */
  feeds(layer: number, from: number = 0, until: number = this.count): Feeds {
    const { key, value } = this.at(layer);
    const [start, end] = [from * this.rowSize, until * this.rowSize];
    return { "cache.key": key.subarray(start, end), "cache.value": value.subarray(start, end) };
  }

  /**
   * Stores one token of a row.
   *
   * @param place position in the row's cache
   * @param source flat index of the token in `key` and `value`, `[N, K*E]`
   */
  store(
    layer: number,
    row: number,
    place: number,
    source: number,
    key: Float32Array,
    value: Float32Array,
  ): void {
    const { kvHeads, headWidth } = this.model;
    const into = this.at(layer);
    for (let head = 0; head < kvHeads; head++) {
      const from = (source * kvHeads + head) * headWidth;
      const to = ((row * kvHeads + head) * this.capacity + place) * headWidth;
      into.key.set(key.subarray(from, from + headWidth), to);
      into.value.set(value.subarray(from, from + headWidth), to);
    }
  }

  /** Removes a row; the last row takes its place. */
  remove(row: number): void {
    const last = --this.count;
    if (row === last) return;
    this.stored[row] = this.stored[last] as number;
    const size = this.rowSize;
    for (const { key, value } of this.layers) {
      key.copyWithin(row * size, last * size, (last + 1) * size);
      value.copyWithin(row * size, last * size, (last + 1) * size);
    }
  }

  /**
   * Changes the capacity of every row. Stored tokens stay, and must fit.
   *
   * Attention covers the full capacity at each step, so excess capacity costs time.
   */
  resize(capacity: number): void {
    const { headWidth } = this.model;
    const from = this.room * headWidth;
    const to = capacity * headWidth;
    const used = Math.max(0, ...this.lengths) * headWidth;
    if (used > to) throw new Error(`Internal: a cache of ${capacity} tokens is too small`);
    this.room = capacity;
    for (const [layer, old] of this.layers.entries()) {
      const fresh = this.fresh();
      for (let head = 0; head < this.count * this.model.kvHeads; head++) {
        fresh.key.set(old.key.subarray(head * from, head * from + used), head * to);
        fresh.value.set(old.value.subarray(head * from, head * from + used), head * to);
      }
      this.layers[layer] = fresh;
    }
  }

  private get rowSize(): number {
    return this.model.kvHeads * this.capacity * this.model.headWidth;
  }

  private fresh(): LayerCache {
    const size = this.count * this.rowSize;
    return { key: new Float32Array(size), value: new Float32Array(size) };
  }

  private at(layer: number): LayerCache {
    const found = this.layers[layer];
    if (!found) throw new Error(`Internal: the cache has no layer ${layer}`);
    return found;
  }
}
