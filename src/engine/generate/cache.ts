/**
 * @file The KV cache: keys and values of tokens already processed, in pages.
 *
 *     page 0  [ slot 0: tokens 0-31 | slot 1: tokens 0-31 | ... ]
 *     page 1  [ slot 0: tokens 32-63 | ...                      ]      a longer row adds a page, and nothing moves
 *
 * A program reads the pages in use, as many as the longest row has. A slot holds one row; a free slot has length 0.
 */

import { pageTokens } from "../jit/operator-kinds.ts";
import type { Architecture } from "../models/architecture.ts";
import type { Feeds } from "../runtime/session.ts";

/** Keys and values of one layer, `[S, B, K, P, E]`. */
interface LayerCache {
  readonly key: Float32Array;
  readonly value: Float32Array;
}

/** KV cache of B slots, all layers. */
export class KeyValueCache {
  /** Tokens stored per slot. */
  readonly lengths: Int32Array;
  private readonly model: Architecture;
  private layers: readonly LayerCache[];
  /** Pages with memory. */
  private room: number;

  /** @param tokens that a slot has room for at first */
  constructor(model: Architecture, slots: number, tokens: number) {
    this.model = model;
    this.lengths = new Int32Array(slots);
    this.room = pagesOf(tokens);
    this.layers = Array.from({ length: model.layers }, () => this.fresh());
  }

  /** B, free ones included. */
  get slots(): number {
    return this.lengths.length;
  }

  /** S, the pages that hold tokens, at least 1. */
  get pages(): number {
    return pagesOf(this.lengths.reduce((most, length) => Math.max(most, length), 0));
  }

  /** Cache inputs of a layer: the pages that hold tokens. */
  feeds(layer: number): Feeds {
    const { key, value } = this.at(layer);
    const size = this.pages * this.pageSize;
    return { "cache.key": key.subarray(0, size), "cache.value": value.subarray(0, size) };
  }

  /**
   * Makes room for `tokens` per slot. Memory doubles, so that a token is moved about once over all growth, and much
   * more than is needed is given back.
   */
  reserve(tokens: number): void {
    const needed = Math.max(pagesOf(tokens), this.pages);
    if (needed <= this.room && this.room <= 4 * needed) return;
    this.room = needed <= this.room ? needed : Math.max(needed, 2 * this.room);
    const used = this.pages * this.pageSize;
    this.layers = this.layers.map((old) => {
      const layer = this.fresh();
      layer.key.set(old.key.subarray(0, used));
      layer.value.set(old.value.subarray(0, used));
      return layer;
    });
  }

  /**
   * Stores one token of a row.
   *
   * @param place position in the row
   * @param source flat index of the token in `key` and `value`, `[N, K*E]`
   */
  store(
    layer: number,
    slot: number,
    place: number,
    source: number,
    key: Float32Array,
    value: Float32Array,
  ): void {
    const { kvHeads, headWidth } = this.model;
    const into = this.at(layer);
    const page = Math.floor(place / pageTokens);
    const first = this.offset(page, slot) + (place % pageTokens) * headWidth;
    for (let head = 0; head < kvHeads; head++) {
      const from = (source * kvHeads + head) * headWidth;
      const to = first + head * pageTokens * headWidth;
      // so few numbers are copied sooner than two views are made
      for (let at = 0; at < headWidth; at++) {
        into.key[to + at] = key[from + at] as number;
        into.value[to + at] = value[from + at] as number;
      }
    }
  }

  /** Replaces the row of a slot by a row of another cache of the same model. */
  copyRow(slot: number, from: KeyValueCache, fromSlot: number): void {
    const length = from.lengths[fromSlot] as number;
    this.reserve(length);
    this.lengths[slot] = length;
    const size = this.pageSize / this.slots;
    for (const [layer, into] of this.layers.entries()) {
      const { key, value } = from.at(layer);
      for (let page = 0; page < pagesOf(length); page++) {
        const start = from.offset(page, fromSlot);
        into.key.set(key.subarray(start, start + size), this.offset(page, slot));
        into.value.set(value.subarray(start, start + size), this.offset(page, slot));
      }
    }
  }

  /** A cache of some slots of this one, in the given order. */
  pick(slots: readonly number[]): KeyValueCache {
    const longest = slots.reduce((most, slot) => Math.max(most, this.lengths[slot] as number), 0);
    const picked = new KeyValueCache(this.model, slots.length, longest);
    for (const [at, slot] of slots.entries()) picked.copyRow(at, this, slot);
    return picked;
  }

  /** Floats of a page. */
  private get pageSize(): number {
    return this.slots * this.model.kvHeads * pageTokens * this.model.headWidth;
  }

  private offset(page: number, slot: number): number {
    return (page * this.slots + slot) * (this.pageSize / this.slots);
  }

  private fresh(): LayerCache {
    const size = this.room * this.pageSize;
    return { key: new Float32Array(size), value: new Float32Array(size) };
  }

  private at(layer: number): LayerCache {
    const found = this.layers[layer];
    if (!found) throw new Error(`Internal: the cache has no layer ${layer}`);
    return found;
  }
}

function pagesOf(tokens: number): number {
  return Math.max(1, Math.ceil(tokens / pageTokens));
}
