/**
 * @file How the tokens of a batch lie: flat for everything but attention, in a grid for that.
 */
import type { Graph } from "../graph/graph.ts";
import { type Dim, sumDim } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import type { Architecture } from "./architecture.ts";

/**
 * - `dense`: rows of equal length; the flat list is the grid, row by row.
 * - `ragged`: rows of any length one after the other; `index` names for each place of the B x T grid the token that
 *   stands there, `inverse` for each token its place. Empty places are filled with a last, extra token that nobody
 *   looks at, so that no gradient comes from them.
 */
export type Grid = "dense" | "ragged";

/**
 * Keys and values besides the rows' own:
 * - `none`
 * - `prefix`: the first P tokens of the flat list are a text all rows begin with. They are computed once, look at
 *   each other, and every row looks at them.
 * - `cache`: computed before and handed in, `[B, K, C, E]`.
 * - `past`: the same, and handed out again with the rows' own behind, `[B, K, C+T, E]`: how a whole model in one file
 *   keeps them. Dense rows in one block; the one mask covers past and own.
 */
export type Memory = "none" | "prefix" | "cache" | "past";

/** The kinds of layout a program is built for. Sizes: N flat tokens, B rows, T grid length, P prefix, C cache. */
export interface Layout {
  readonly grid: Grid;
  readonly memory: Memory;
  /** Blocks of queries that the rows, and the prefix, are cut into: each looks only at the keys up to its end. */
  readonly blocks: number;
  readonly prefixBlocks: number;
}

/** A stretch of queries and the keys it may see. */
export interface Block {
  readonly before: Dim;
  readonly size: Dim;
  readonly after: Dim;
  /** Keys from the start to the block's end, and how many come after. */
  readonly seen: Dim;
}

/** Cuts a length into `count` blocks: all but the last of size `block`, the last of size `last`. */
export function cutBlocks(whole: Dim, block: string, last: string, count: number): Block[] {
  if (count === 1) return [{ before: 0, size: whole, after: 0, seen: whole }];
  const blocks = (number: number): Dim => (number === 0 ? 0 : number === 1 ? block : `${number}*${block}`);
  return Array.from({ length: count }, (_, at) =>
    at === count - 1
      ? { before: blocks(at), size: last, after: 0, seen: whole }
      : {
          before: blocks(at),
          size: block,
          after: sumDim(blocks(count - 2 - at), last),
          seen: blocks(at + 1),
        },
  );
}

/** Blocks of the rows' own tokens: sizes Q and Z. */
export function rowBlocks({ blocks }: Layout): Block[] {
  return cutBlocks("T", "Q", "Z", blocks);
}

/** Blocks of the prefix: sizes PQ and PZ. */
export function prefixBlocks({ prefixBlocks: count }: Layout): Block[] {
  return cutBlocks("P", "PQ", "PZ", count);
}

/** Flat tokens of the rows, and of everything. */
export function rowTokens(layout: Layout): Dim {
  return layout.grid === "dense" ? "B*T" : "N";
}

/** Flat tokens in all: the prefix, where there is one, comes first. */
export function allTokens(layout: Layout): Dim {
  return layout.memory === "prefix" ? `P+${rowTokens(layout)}` : rowTokens(layout);
}

/** Graph inputs that describe one batch to attention. Masks are added to scores: 0 or minus infinity. */
export interface LayoutInputs {
  readonly layout: Layout;
  /** Of each block, `[B, 1, 1, size, seen]`; with a past, `[B, 1, 1, T, C+T]` */
  readonly masks: readonly Value[];
  /** `[B*T]` and `[N]`, for a ragged grid */
  readonly index: Value | null;
  readonly inverse: Value | null;
  /** Of each block, `[1, 1, 1, size, seen]`; empty without a prefix */
  readonly prefixMasks: readonly Value[];
  /** `[B, 1, 1, T, P or C]` */
  readonly memoryMask: Value | null;
  /** `[B, K, C, E]` */
  readonly cacheKey: Value | null;
  readonly cacheValue: Value | null;
}

/** Declares the inputs of a layout. */
export function layoutInputs(graph: Graph, layout: Layout, model: Architecture): LayoutInputs {
  const { grid, memory } = layout;
  const ragged = grid === "ragged";
  const isCached = memory === "cache" || memory === "past";
  const cache = (name: string): Value | null =>
    isCached ? graph.input(name, ["B", model.kvHeads, "C", model.headWidth]) : null;
  const reach = (seen: Dim): Dim => (memory === "past" ? sumDim("C", seen) : seen);
  return {
    layout,
    masks: rowBlocks(layout).map(({ size, seen }, at) =>
      graph.input(`mask.${at}`, ["B", 1, 1, size, reach(seen)]),
    ),
    index: ragged ? graph.input("index", ["B*T"], "int64") : null,
    inverse: ragged ? graph.input("inverse", ["N"], "int64") : null,
    prefixMasks:
      memory === "prefix"
        ? prefixBlocks(layout).map(({ size, seen }, at) =>
            graph.input(`prefix.mask.${at}`, [1, 1, 1, size, seen]),
          )
        : [],
    memoryMask:
      memory === "none" || memory === "past"
        ? null
        : graph.input("memory.mask", ["B", 1, 1, "T", memory === "prefix" ? "P" : "C"]),
    cacheKey: cache("cache.key"),
    cacheValue: cache("cache.value"),
  };
}
