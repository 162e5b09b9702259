/**
 * @file Tree attention: processes a tree of possible continuations per row of a KV cache in one pass.
 *
 * Every token attends to the prompt and to its ancestors.
 */
import { gridIndices } from "../batch/batch.ts";
import { memoryPathMask, pathMask } from "../batch/masks.ts";
import { pageTokens } from "../jit/operator-kinds.ts";
import { rotations } from "../models/rope.ts";
import { runForward } from "../pass/forward.ts";
import { headLogits } from "../pass/head.ts";
import { rootOf } from "../pass/loaded-model.ts";
import type { Feeds } from "../runtime/session.ts";
import type { KeyValueCache } from "./cache.ts";
import { type DecodeContext, onLayer } from "./decode-context.ts";

/** Some nodes of a row's tree, parents first. */
export interface TreePart {
  readonly ids: readonly number[];
  /** Index in `ids` of a token's parent; -1 if that is the prompt. */
  readonly parents: readonly number[];
  /** Distance of each token from the prompt, at least 1. */
  readonly depths: readonly number[];
  /** Indices in `ids` whose successors are requested. */
  readonly asked: readonly number[];
}

/** Maximum logits in memory at once: 64 MB. */
const logitsAtOnce = 1 << 24;

/**
 * Runs one part for each row of the cache, without storing keys and values.
 *
 * @param visit receives the logits `[V]` after each requested token, in order; valid during the call
 * @source one pass over a tree: Cai et al. 2024 (arXiv 2401.10774), section 3.1, tree attention
 */
export async function readTree(
  reading: DecodeContext,
  parts: readonly TreePart[],
  cache: KeyValueCache,
  visit: (part: number, place: number, logits: Float32Array) => void,
): Promise<void> {
  const { model, adapter, buffers } = reading;
  const { vocabulary } = model.architecture;
  const lengths = parts.map(({ ids }) => ids.length);
  const longest = Math.max(...lengths);
  // the last token fills the empty positions of the grid
  const count = lengths.reduce((sum, length) => sum + length, 1);
  const ids = new Int32Array(count);
  const positions = new Int32Array(count);
  const asked: { part: number; place: number; flat: number }[] = [];
  let start = 0;
  for (const [part, own] of parts.entries()) {
    const filled = cache.lengths[part] as number;
    ids.set(own.ids, start);
    for (const [at, depth] of own.depths.entries()) positions[start + at] = filled + depth - 1;
    for (const place of own.asked) asked.push({ part, place, flat: start + place });
    start += own.ids.length;
  }
  const batch = {
    layout: { grid: "ragged", memory: "cache", cached: cache.type, blocks: 1, prefixBlocks: 1 },
    binding: { B: parts.length, T: longest, N: count, S: cache.pages() },
    ids,
    feeds: gridIndices(lengths, longest, count),
    positions,
    rotations: rotations(model.architecture, positions),
    masks: masksByWindow(reading, parts, cache, longest),
  } as const;
  const extra = (layer: number): Feeds => cache.feeds(layer, cache.pages());
  const hooks = { extra, onLayer: onLayer(reading, () => undefined) };
  const hidden = await runForward(model, adapter, batch, buffers, hooks);
  const atOnce = Math.max(1, Math.floor(logitsAtOnce / vocabulary));
  for (let from = 0; from < asked.length; from += atOnce) {
    const chosen = asked.slice(from, from + atOnce);
    const places = Int32Array.from(chosen, ({ flat }) => flat);
    const logits = await headLogits(model, rootOf(model, adapter), hidden, places, buffers);
    for (const [at, { part, place }] of chosen.entries()) {
      visit(part, place, logits.subarray(at * vocabulary, (at + 1) * vocabulary));
    }
  }
}

function masksByWindow(
  { model }: DecodeContext,
  parts: readonly TreePart[],
  cache: KeyValueCache,
  longest: number,
): Map<number | null, Feeds> {
  const masks = new Map<number | null, Feeds>();
  const places = cache.pages() * pageTokens;
  const [own, memory] = [longest * longest, longest * places];
  for (const window of new Set(model.architecture.windows)) {
    const ownMask = new Float32Array(parts.length * own);
    const memoryMask = new Float32Array(parts.length * memory);
    for (const [row, { parents, depths }] of parts.entries()) {
      const filled = cache.lengths[row] as number;
      ownMask.set(pathMask(parents, depths, longest, window), row * own);
      memoryMask.set(memoryPathMask(depths, longest, places, filled, window), row * memory);
    }
    masks.set(window, { "mask.0": ownMask, "memory.mask": memoryMask });
  }
  return masks;
}
