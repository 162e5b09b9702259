/** @file Processes further tokens of each row over a KV cache. */
import { gridIndices } from "../batch/batch.ts";
import { rowMask, windowMask } from "../batch/masks.ts";
import { pageTokens } from "../jit/operator-kinds.ts";
import type { Layout } from "../models/layout.ts";
import { rotations } from "../models/rope.ts";
import { runForward } from "../pass/forward.ts";
import { headLogits } from "../pass/head.ts";
import { rootOf } from "../pass/loaded-model.ts";
import type { Feeds } from "../runtime/session.ts";
import type { KeyValueCache, TokenMove } from "./cache.ts";
import { type DecodeContext, onLayer } from "./decode-context.ts";

/** New tokens of each slot of a cache. */
export type NewTokens = readonly (Int32Array | readonly number[])[];

/**
 * Runs further tokens of the rows of a cache and stores them there.
 *
 * @param asked by slot, the range of new tokens (end exclusive) after which logits are returned; the last token of each
 *   row if omitted
 * @param grid forces the layout, so that prompts of equal and different lengths use one program
 * @returns logits `[asked tokens, V]`, row after row, valid until the next pass with the same buffers
 */
export async function readNext(
  reading: DecodeContext,
  rows: NewTokens,
  cache: KeyValueCache,
  asked: readonly (readonly [from: number, until: number])[] = rows.map(({ length }) => [length - 1, length]),
  grid: "ragged" | null = null,
): Promise<Float32Array> {
  const { model, buffers } = reading;
  const filled = cache.lengths.slice();
  const lengths = rows.map((own) => own.length);
  const longest = Math.max(...lengths);
  const dense = grid !== "ragged" && lengths.every((length) => length === longest);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
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
  const own = reading.rowAdapters?.(lengths, ids.length) ?? null;
  const adapter = own ? own.tuned : reading.adapter;
  const feeds = { ...(dense ? {} : gridIndices(lengths, longest, ids.length)), ...own?.feeds };
  const isPaged = longest === 1 && dense && canPage(reading, filled);
  cache.reserve(lengths.reduce((most, length, row) => Math.max(most, (filled[row] as number) + length), 0));
  const pages = cache.pages(isPaged ? 1 : 0);
  const layout: Layout = {
    grid: dense ? "dense" : "ragged",
    memory: isPaged ? "pages" : "cache",
    cached: cache.type,
    blocks: 1,
    prefixBlocks: 1,
  };
  const batch = {
    layout,
    binding: { B: rows.length, T: longest, N: ids.length, S: pages, ...own?.sizes },
    ids,
    feeds: isPaged ? { ...feeds, "cache.lengths": BigInt64Array.from(filled, BigInt) } : feeds,
    positions,
    rotations: rotations(model.architecture, positions),
    masks: isPaged ? new Map() : masksByWindow(reading, filled, longest, pages * pageTokens),
  } as const;
  const moves = rows.flatMap((own, row) =>
    Array.from(own, (_, at): TokenMove => [row, (filled[row] as number) + at, (starts[row] as number) + at]),
  );
  const store = onLayer(reading, (layer, key, value) => {
    if (!isPaged) cache.store(layer, key, value, moves); // the operator itself writes the pages
  });
  const hooks = { extra: (layer: number): Feeds => cache.feeds(layer, pages), onLayer: store };
  const hidden = await runForward(model, adapter, batch, buffers, hooks);
  for (const [row, own] of rows.entries()) cache.lengths[row] = (filled[row] as number) + own.length;
  const places = rows.flatMap((_, row) => {
    const [from, until] = asked[row] as (typeof asked)[number];
    return Array.from({ length: until - from }, (_, at) => (starts[row] as number) + from + at);
  });
  // reused for all steps: allocating millions of numbers per step would burden the garbage collector
  const logits = buffers.take("logits", places.length * model.architecture.vocabulary);
  return headLogits(model, rootOf(model, adapter), hidden, Int32Array.from(places), buffers, logits);
}

/** Whether the paged attention operator applies: the model has it, and every cached token is within all windows. */
function canPage({ model }: DecodeContext, filled: Int32Array): boolean {
  const longest = filled.reduce((most, one) => Math.max(most, one), 0);
  return (
    model.hasPagedAttention === true &&
    model.architecture.windows.every((window) => window === null || longest < window)
  );
}

/** Masks by which each row attends to its cached tokens, and causally to its new ones. */
function masksByWindow(
  { model }: DecodeContext,
  filled: Int32Array,
  count: number,
  places: number,
): Map<number | null, Feeds> {
  const masks = new Map<number | null, Feeds>();
  for (const window of new Set(model.architecture.windows)) {
    const memory = new Float32Array(filled.length * count * places);
    for (const [row, stored] of filled.entries()) {
      memory.set(windowMask(1, count, places, stored, window), row * count * places);
    }
    const own = rowMask(filled.length, { from: 0, size: count }, window);
    masks.set(window, { "mask.0": own, "memory.mask": memory });
  }
  return masks;
}
