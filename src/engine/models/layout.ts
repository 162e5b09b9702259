/**
 * @file How the tokens of a batch lie: flat for everything but attention, in a grid for that.
 */
import type { Graph } from "../graph/graph.ts";
import type { Dim } from "../graph/shape.ts";
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
 */
export type Memory = "none" | "prefix" | "cache";

/** The kinds of layout a program is built for. Sizes: N flat tokens, B rows, T grid length, P prefix, C cache. */
export interface Layout {
  readonly grid: Grid;
  readonly memory: Memory;
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
  /** `[B, 1, 1, T, T]` */
  readonly mask: Value;
  /** `[B*T]` and `[N]`, for a ragged grid */
  readonly index: Value | null;
  readonly inverse: Value | null;
  /** `[1, 1, 1, P, P]` */
  readonly prefixMask: Value | null;
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
  const cache = (name: string): Value | null =>
    memory === "cache" ? graph.input(name, ["B", model.kvHeads, "C", model.headWidth]) : null;
  return {
    layout,
    mask: graph.input("mask", ["B", 1, 1, "T", "T"]),
    index: ragged ? graph.input("index", ["B*T"], "int64") : null,
    inverse: ragged ? graph.input("inverse", ["N"], "int64") : null,
    prefixMask: memory === "prefix" ? graph.input("prefix.mask", [1, 1, 1, "P", "P"]) : null,
    memoryMask:
      memory === "none"
        ? null
        : graph.input("memory.mask", ["B", 1, 1, "T", memory === "prefix" ? "P" : "C"]),
    cacheKey: cache("cache.key"),
    cacheValue: cache("cache.value"),
  };
}
