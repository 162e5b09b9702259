/**
 * @file Keys and values of tokens already seen, for decoding.
 */
import type { Architecture } from "../models/architecture.ts";
import type { Feeds } from "../runtime/session.ts";

/** Cache of B rows with room for C tokens each, all layers: `[B, K, C, E]` per layer. */
export class KeyValueCache {
  readonly rows: number;
  readonly capacity: number;
  /** Tokens stored per row. */
  readonly lengths: Int32Array;
  private readonly model: Architecture;
  private readonly layers: readonly { readonly key: Float32Array; readonly value: Float32Array }[];

  constructor(model: Architecture, rows: number, capacity: number) {
    this.model = model;
    this.rows = rows;
    this.capacity = capacity;
    this.lengths = new Int32Array(rows);
    const size = rows * model.kvHeads * capacity * model.headWidth;
    this.layers = Array.from({ length: model.layers }, () => ({
      key: new Float32Array(size),
      value: new Float32Array(size),
    }));
  }

  /** Inputs of a layer. */
  feeds(layer: number): Feeds {
    const { key, value } = this.at(layer);
    return { "cache.key": key, "cache.value": value };
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

  /** A cache of some of the rows. */
  select(rows: readonly number[]): KeyValueCache {
    const chosen = new KeyValueCache(this.model, rows.length, this.capacity);
    const size = this.model.kvHeads * this.capacity * this.model.headWidth;
    for (const [to, from] of rows.entries()) {
      chosen.lengths[to] = this.lengths[from] as number;
      for (let layer = 0; layer < this.model.layers; layer++) {
        const [target, source] = [chosen.at(layer), this.at(layer)];
        target.key.set(source.key.subarray(from * size, (from + 1) * size), to * size);
        target.value.set(source.value.subarray(from * size, (from + 1) * size), to * size);
      }
    }
    return chosen;
  }

  private at(layer: number): { readonly key: Float32Array; readonly value: Float32Array } {
    const found = this.layers[layer];
    if (!found) throw new Error(`Internal: the cache has no layer ${layer}`);
    return found;
  }
}
