/** @file The layout of a batch's tokens: flat for everything but attention, which uses a grid. */
import type { AttentionTables } from "../graph/build.ts";
import type { Graph } from "../graph/graph.ts";
import { type Dim, sumDim } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import { pageTokens } from "../jit/operator-kinds.ts";
import type { Architecture } from "./architecture.ts";

/**
 * Arrangement of a batch's rows for attention:
 * - `dense`: rows of equal length; the flat list is the grid, row by row.
 * - `ragged`: rows of any length one after the other; `index` maps each position of the B x T grid to its token,
 *   `inverse` each token to its position. Empty positions are filled with an extra token at the end that nothing
 *   attends to, so that it contributes no gradient.
 * - `flat`: rows of any length one after the other, for blockwise attention with the tables of
 *   `batch/attention-tables.ts`. Used for long rows, because memory does not grow with the square of their length.
 */
export type Grid = "dense" | "ragged" | "flat";

/**
 * Keys and values in addition to the rows' own:
 * - `none`
 * - `prefix`: the first P tokens of the flat list are a prefix of all rows. They are computed once and attend to each
 *   other, and every row attends to them.
 * - `cache`: a KV cache that is passed in as pages, `[S, B, K, P, E]`, each with the next P tokens of all rows. A row
 *   grows into a further page without moving data.
 * - `pages`: the same cache for dense rows with one new token each. One operator attends to it and stores the new token
 *   in its page. `lengths` is the number of cached tokens per row, so that no masks are needed.
 * - `past`: a KV cache that is passed in and returned with the rows' own keys and values appended, `[B, K, C+T, E]`,
 *   as exported models use it. Dense rows in one block; the single mask covers past and own tokens.
 */
export type Memory = "none" | "prefix" | "cache" | "pages" | "past";

/** Number format of a KV cache. */
export type CacheType = "float32" | "bfloat16";

/** Number of token places in the pages that are passed in. */
export const cachePlaces: Dim = `${pageTokens}*S`;

/**
 * The kind of layout that a program is built for. Sizes: N flat tokens, B rows, T grid length, P prefix, S pages of the
 * cache, C past.
 */
export interface Layout {
  readonly grid: Grid;
  readonly memory: Memory;
  /** Number format of a paged cache; float32 by default. */
  readonly cached?: CacheType;
  /** Number of query blocks of the rows, and of the prefix; each attends only to the keys up to its end. */
  readonly blocks: number;
  readonly prefixBlocks: number;
}

/** A block of queries and the keys it can attend to. */
export interface Block {
  readonly before: Dim;
  readonly size: Dim;
  readonly after: Dim;
  /** Number of keys from the start to the block's end. */
  readonly seen: Dim;
}

/** Splits a length into `count` blocks: all but the last of size `block`, the last of size `last`. */
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

/** Flat tokens of the rows, without the prefix. */
export function rowTokens(layout: Layout): Dim {
  return layout.grid === "dense" ? "B*T" : "N";
}

/** All flat tokens; the prefix, if there is one, comes first. */
export function allTokens(layout: Layout): Dim {
  return layout.memory === "prefix" ? `P+${rowTokens(layout)}` : rowTokens(layout);
}

/** Graph inputs that describe a batch to attention. Masks are added to scores: 0 or minus infinity. */
export interface LayoutInputs {
  readonly layout: Layout;
  /** One per block, `[B, 1, 1, size, seen]`; with a past, `[B, 1, 1, T, C+T]` */
  readonly masks: readonly Value[];
  /** `[B*T]` and `[N]`, for a ragged grid */
  readonly index: Value | null;
  readonly inverse: Value | null;
  /** One per block, `[1, 1, 1, size, seen]`; empty without a prefix */
  readonly prefixMasks: readonly Value[];
  /** `[B, 1, 1, T, P or places of the pages]` */
  readonly memoryMask: Value | null;
  /** `[S, B, K, P, E]`; a past `[B, K, C, E]` */
  readonly cacheKey: Value | null;
  readonly cacheValue: Value | null;
  /** `[B]`, for `pages` */
  readonly lengths: Value | null;
  /** Only for a flat grid. */
  readonly tables: AttentionTables | null;
}

/** Declares the tables of a flat grid. */
export function tableInputs(graph: Graph): AttentionTables {
  const table = (name: string, rows: string, columns: number): Value =>
    graph.input(`rows.${name}`, [rows, columns], "int64");
  return {
    window: graph.input("rows.window", [1], "int64"),
    segments: table("segments", "S", 3),
    queryBlocks: table("query.blocks", "QB", 4),
    querySpans: table("query.spans", "QS", 3),
    keyBlocks: table("key.blocks", "KB", 4),
    keySpans: table("key.spans", "KS", 3),
  };
}

/** Declares the inputs of a layout. */
export function layoutInputs(graph: Graph, layout: Layout, model: Architecture): LayoutInputs {
  const { grid, memory } = layout;
  const [ragged, flat] = [grid === "ragged", grid === "flat"];
  const cache = (name: string): Value | null => {
    if (memory === "past") return graph.input(name, ["B", model.kvHeads, "C", model.headWidth]);
    if (memory !== "cache" && memory !== "pages") return null;
    return graph.input(name, ["S", "B", model.kvHeads, pageTokens, model.headWidth], layout.cached);
  };
  const reach = (seen: Dim): Dim => (memory === "past" ? sumDim("C", seen) : seen);
  return {
    layout,
    masks: (flat || memory === "pages" ? [] : rowBlocks(layout)).map(({ size, seen }, at) =>
      graph.input(`mask.${at}`, ["B", 1, 1, size, reach(seen)]),
    ),
    index: ragged ? graph.input("index", ["B*T"], "int64") : null,
    inverse: ragged ? graph.input("inverse", ["N"], "int64") : null,
    prefixMasks:
      memory === "prefix" && !flat
        ? prefixBlocks(layout).map(({ size, seen }, at) =>
            graph.input(`prefix.mask.${at}`, [1, 1, 1, size, seen]),
          )
        : [],
    memoryMask:
      flat || memory === "none" || memory === "past" || memory === "pages"
        ? null
        : graph.input("memory.mask", ["B", 1, 1, "T", memory === "prefix" ? "P" : cachePlaces]),
    cacheKey: cache("cache.key"),
    cacheValue: cache("cache.value"),
    lengths: memory === "pages" ? graph.input("cache.lengths", ["B"], "int64") : null,
    tables: flat ? tableInputs(graph) : null,
  };
}
