/**
 * @file Keys and values of tokens already seen, for decoding.
 */
import type { Architecture } from "../models/architecture.ts";
import type { Feeds } from "../runtime/session.ts";

/** Cache of B rows with room for C tokens each, all layers: `[B, K, C, E]` per layer. */
export class KeyValueCache {
  readonly capacity: number;
  private count: number;
  private readonly stored: Int32Array;
  private readonly model: Architecture;
  private readonly layers: readonly { readonly key: Float32Array; readonly value: Float32Array }[];

  constructor(model: Architecture, rows: number, capacity: number) {
    this.model = model;
    this.count = rows;
    this.capacity = capacity;
    this.stored = new Int32Array(rows);
    const size = rows * model.kvHeads * capacity * model.headWidth;
    this.layers = Array.from({ length: model.layers }, () => ({
      key: new Float32Array(size),
      value: new Float32Array(size),
    }));
  }

  /** Tokens stored per row. */
  get lengths(): Int32Array {
    return this.stored.subarray(0, this.count);
  }

  /** Inputs of a layer. */
  feeds(layer: number): Feeds {
    const { key, value } = this.at(layer);
    const length = this.count * this.rowSize;
    return { "cache.key": key.subarray(0, length), "cache.value": value.subarray(0, length) };
  }

  /**
   * Stores one token of a row.
   *
   * @param place where in the row's cache
   * @param source flat token in `key` and `value`, `[N, K*E]`
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

  /** Drops a row; the last one takes its place. */
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

  private get rowSize(): number {
    return this.model.kvHeads * this.capacity * this.model.headWidth;
  }

  private at(layer: number): { readonly key: Float32Array; readonly value: Float32Array } {
    const found = this.layers[layer];
    if (!found) throw new Error(`Internal: the cache has no layer ${layer}`);
    return found;
  }
}
