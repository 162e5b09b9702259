/** @file Processes further tokens of each row over a KV cache. */
import { gridIndices } from "../batch/batch.ts";
import { rowMask, windowMask } from "../batch/masks.ts";
import { rotaryFrequencies, rotation } from "../models/rope.ts";
import { runForward } from "../pass/forward.ts";
import { headLogits } from "../pass/head.ts";
import { rootOf } from "../pass/loaded-model.ts";
import type { Feeds } from "../runtime/session.ts";
import type { KeyValueCache } from "./cache.ts";
import { type DecodeContext, onLayer } from "./decode-context.ts";

/**
 * Runs further tokens of consecutive rows and stores them in the cache, which must have the capacity.
 *
 * @param rows new tokens of each row, at least one
 * @param firstRow row of the cache that the first of them belongs to
 * @returns logits after the last token of each row, `[B, V]`
 */
export async function readNext(
  reading: DecodeContext,
  rows: readonly (Int32Array | readonly number[])[],
  cache: KeyValueCache,
  firstRow = 0,
): Promise<Float32Array> {
  const { model, adapter, buffers } = reading;
  const { rope, headWidth } = model.architecture;
  const filled = cache.lengths.slice(firstRow, firstRow + rows.length);
  const longest = Math.max(...rows.map((ids) => ids.length));
  const dense = rows.every((ids) => ids.length === longest);
  const tokens = rows.reduce((sum, ids) => sum + ids.length, 0);
  // a ragged grid has one more token at the end, which fills the empty positions
  const ids = new Int32Array(tokens + (dense ? 0 : 1));
  const positions = new Int32Array(ids.length);
  const starts: number[] = [];
  let start = 0;
  for (const [row, own] of rows.entries()) {
    starts.push(start);
    ids.set(own, start);
    for (let at = 0; at < own.length; at++) positions[start + at] = (filled[row] as number) + at;
    start += own.length;
  }
  const lengths = rows.map((own) => own.length);
  const grid = dense ? {} : gridIndices(lengths, longest, ids.length);
  const batch = {
    layout: { grid: dense ? "dense" : "ragged", memory: "cache", blocks: 1, prefixBlocks: 1 },
    binding: { B: rows.length, T: longest, N: ids.length, C: cache.capacity },
    ids,
    feeds: { ...rotation(rope, rotaryFrequencies(rope, headWidth), positions), ...grid },
    masks: masksByWindow(reading, filled, longest, cache.capacity),
  } as const;
  const store = onLayer(reading, (layer, key, value) => {
    for (const [row, own] of rows.entries()) {
      const [from, place] = [starts[row] as number, filled[row] as number];
      for (let at = 0; at < own.length; at++) {
        cache.store(layer, firstRow + row, place + at, from + at, key, value);
      }
    }
  });
  const extra = (layer: number): Feeds => cache.feeds(layer, firstRow, firstRow + rows.length);
  const hidden = await runForward(model, adapter, batch, buffers, { extra, onLayer: store });
  for (const [row, own] of rows.entries()) {
    cache.lengths[firstRow + row] = (filled[row] as number) + own.length;
  }
  const last = Int32Array.from(rows, (own, row) => (starts[row] as number) + own.length - 1);
  return headLogits(model, rootOf(model, adapter), hidden, last, buffers);
}

/** Each row attends to its cached tokens, and causally to its new ones. */
function masksByWindow(
  { model }: DecodeContext,
  filled: Int32Array,
  count: number,
  capacity: number,
): Map<number | null, Feeds> {
  const masks = new Map<number | null, Feeds>();
  for (const window of new Set(model.architecture.windows)) {
    const memory = new Float32Array(filled.length * count * capacity);
    for (const [row, stored] of filled.entries()) {
      memory.set(windowMask(1, count, capacity, stored, window), row * count * capacity);
    }
    const own = rowMask(filled.length, { from: 0, size: count }, window);
    masks.set(window, { "mask.0": own, "memory.mask": memory });
  }
  return masks;
}
