/**
 * @file Reads further tokens of each row over a cache.
 */
import { rowMask, windowMask } from "../batch/masks.ts";
import { rotaryFrequencies, rotation } from "../models/rope.ts";
import { runForward } from "../pass/forward.ts";
import { headLogits } from "../pass/head.ts";
import { rootOf } from "../pass/loaded-model.ts";
import type { Feeds } from "../runtime/session.ts";
import type { KeyValueCache } from "./cache.ts";
import { onLayer, type Reading } from "./reading.ts";

/**
 * Runs T further tokens of each row and stores them, for which the cache must have room.
 *
 * @param ids row by row, `[B*T]`
 * @returns logits after the last token of each row, `[B, V]`
 */
export async function readNext(
  reading: Reading,
  ids: Int32Array,
  cache: KeyValueCache,
): Promise<Float32Array> {
  const { model, adapter, buffers } = reading;
  const { rope, headWidth } = model.architecture;
  const filled = cache.lengths.slice();
  const rows = filled.length;
  const count = ids.length / rows;
  const positions = Int32Array.from(
    ids,
    (_, at) => (filled[Math.floor(at / count)] as number) + (at % count),
  );
  const batch = {
    layout: { grid: "dense", memory: "cache", blocks: 1, prefixBlocks: 1 },
    binding: { B: rows, T: count, C: cache.capacity },
    ids,
    feeds: { ...rotation(rope, rotaryFrequencies(rope, headWidth), positions) },
    masks: masksByWindow(reading, filled, count, cache.capacity),
  } as const;
  const store = onLayer(reading, (layer, key, value) => {
    for (const [at, place] of positions.entries()) {
      cache.store(layer, Math.floor(at / count), place, at, key, value);
    }
  });
  const hooks = { extra: (layer: number) => cache.feeds(layer), onLayer: store };
  const hidden = await runForward(model, adapter, batch, buffers, hooks);
  for (let row = 0; row < rows; row++) cache.lengths[row] = (filled[row] as number) + count;
  const last = Int32Array.from({ length: rows }, (_, row) => (row + 1) * count - 1);
  return headLogits(model, rootOf(model, adapter), hidden, last, buffers);
}

/** Each row looks back at what is stored of it, and at its own new tokens up to each. */
function masksByWindow(
  { model }: Reading,
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
