/**
 * @file The KV cache: keys and values of tokens already processed, in pages.
 *
 *     page 0  [ slot 0: tokens 0-31 | slot 1: tokens 0-31 | ... ]
 *     page 1  [ slot 0: tokens 32-63 | ...                      ]      a longer row adds a page without moving data
 *
 * A program reads as many pages as the longest row uses. A slot holds one row; a free slot has length 0. With bfloat16
 * products and paged attention, keys and values are also stored in bfloat16.
 */

import { pageTokens } from "../jit/operator-kinds.ts";
import type { Architecture } from "../models/architecture.ts";
import type { CacheType } from "../models/layout.ts";
import type { LoadedModel } from "../pass/loaded-model.ts";
import type { Feeds } from "../runtime/session.ts";

/** Float32, or the bits of bfloat16. */
type Cached = Float32Array | Uint16Array;

/** Keys and values of one layer, `[S, B, K, P, E]`. */
interface LayerCache {
  readonly key: Cached;
  readonly value: Cached;
}

/** A token to store: its target slot and place, and its index among the computed tokens. */
export type TokenMove = readonly [slot: number, place: number, source: number];

/** A KV cache of B slots for all layers. */
export class KeyValueCache {
  /** Tokens stored per slot. */
  readonly lengths: Int32Array;
  /** Number format of keys and values. */
  readonly type: CacheType;
  private readonly model: Architecture;
  private layers: readonly LayerCache[];
  /** Number of allocated pages. */
  private room: number;

  /** @param tokens initial capacity of each slot */
  constructor(model: Architecture, type: CacheType, slots: number, tokens: number) {
    this.model = model;
    this.type = type;
    this.lengths = new Int32Array(slots);
    this.room = pagesOf(tokens);
    this.layers = Array.from({ length: model.layers }, () => this.fresh());
  }

  /** An empty cache in the number format that a model's programs read. */
  static of({ architecture, hasPagedAttention }: LoadedModel, slots: number, tokens: number): KeyValueCache {
    return new KeyValueCache(architecture, hasPagedAttention ? "bfloat16" : "float32", slots, tokens);
  }

  /** B, including free slots. */
  get slots(): number {
    return this.lengths.length;
  }

  /** S, the number of pages in use, at least 1; `more` reserves space for that many further tokens per row. */
  pages(more = 0): number {
    return pagesOf(this.lengths.reduce((most, length) => Math.max(most, length), 0) + more);
  }

  /** Cache inputs of a layer: its first pages. */
  feeds(layer: number, pages: number): Feeds {
    const { key, value } = this.at(layer);
    const size = pages * this.pageSize;
    return { "cache.key": key.subarray(0, size), "cache.value": value.subarray(0, size) };
  }

  /**
   * Reserves capacity for `tokens` per slot. Memory grows by doubling, so that a token is moved about once on average.
   * Capacity above 4 times the need is released.
   */
  reserve(tokens: number): void {
    const needed = Math.max(pagesOf(tokens), this.pages());
    if (needed <= this.room && this.room <= 4 * needed) return;
    this.room = needed <= this.room ? needed : Math.max(needed, 2 * this.room);
    const used = this.pages() * this.pageSize;
    this.layers = this.layers.map((old) => {
      const layer = this.fresh();
      layer.key.set(old.key.subarray(0, used));
      layer.value.set(old.value.subarray(0, used));
      return layer;
    });
  }

  /**
   * Stores tokens of rows.
   *
   * @param key and value `[N, K*E]`
   */
  store(layer: number, key: Float32Array, value: Float32Array, moves: readonly TokenMove[]): void {
    const into = this.at(layer);
    this.storePart(into.key, key, moves);
    this.storePart(into.value, value, moves);
  }

  private storePart(into: Cached, numbers: Float32Array, moves: readonly TokenMove[]): void {
    const { kvHeads, headWidth } = this.model;
    const bits = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
    for (const [slot, place, source] of moves) {
      const first = this.offset(Math.floor(place / pageTokens), slot) + (place % pageTokens) * headWidth;
      for (let head = 0; head < kvHeads; head++) {
        const from = (source * kvHeads + head) * headWidth;
        const to = first + head * pageTokens * headWidth;
        // for so few numbers a loop is faster than creating two views
        if (into instanceof Float32Array)
          for (let at = 0; at < headWidth; at++) into[to + at] = numbers[from + at] as number;
        else for (let at = 0; at < headWidth; at++) into[to + at] = bfloat16Bits(bits[from + at] as number);
      }
    }
  }

  /** Size of the allocated memory. */
  get bytes(): number {
    return this.layers.reduce((sum, { key, value }) => sum + key.byteLength + value.byteLength, 0);
  }

  /**
   * Replaces the row of a slot with a row of another cache of the same model.
   *
   * @param length number of leading tokens; all by default
   */
  copyRow(
    slot: number,
    from: KeyValueCache,
    fromSlot: number,
    length: number = from.lengths[fromSlot] as number,
  ): void {
    if (pagesOf(length) > this.room) this.reserve(length);
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

  /** A new cache with the given slots of this one, in that order. */
  pick(slots: readonly number[]): KeyValueCache {
    const longest = slots.reduce((most, slot) => Math.max(most, this.lengths[slot] as number), 0);
    const picked = new KeyValueCache(this.model, this.type, slots.length, longest);
    for (const [at, slot] of slots.entries()) picked.copyRow(at, this, slot);
    return picked;
  }

  /** Numbers per page. */
  private get pageSize(): number {
    return this.slots * this.model.kvHeads * pageTokens * this.model.headWidth;
  }

  private offset(page: number, slot: number): number {
    return (page * this.slots + slot) * (this.pageSize / this.slots);
  }

  private fresh(): LayerCache {
    const size = this.room * this.pageSize;
    const Numbers = this.type === "bfloat16" ? Uint16Array : Float32Array;
    return { key: new Numbers(size), value: new Numbers(size) };
  }

  private at(layer: number): LayerCache {
    const found = this.layers[layer];
    if (!found) throw new Error(`Internal: the cache has no layer ${layer}`);
    return found;
  }
}

/** The bits of the nearest bfloat16, from the bits of a float32; NaN stays NaN. */
function bfloat16Bits(bits: number): number {
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return 0x7fc0;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function pagesOf(tokens: number): number {
  return Math.max(1, Math.ceil(tokens / pageTokens));
}
