/**
 * @file Grouped-query attention of a batch's tokens over their own rows and over a shared prefix or a KV cache.
 *
 * Queries that share a key head are stacked, G = H / K of them, so keys and values are never repeated:
 *
 *     q [B, H, T, E] = [B, K, G*T, E]      k, v [B, K, T, E]      scores [B, K, G*T, T]
 *
 * Long rows are split into blocks of queries, each of which attends only to the keys up to its end. This avoids most of
 * the work that the causal mask would discard.
 */
import {
  type AttentionShape,
  add,
  attention,
  blockAttention,
  concat,
  elementwise,
  joinHeads,
  matmul,
  narrow,
  pagedAttention,
  reduce,
  reshape,
  scale,
  slice,
  softmax,
  splitHeads,
  takeRows,
  transpose,
  widen,
} from "../graph/build.ts";
import { type Dim, sumDim, timesDim } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import { pageTokens } from "../jit/operator-kinds.ts";
import type { Architecture } from "./architecture.ts";
import { type Block, cachePlaces, type LayoutInputs, prefixBlocks, rowBlocks, rowTokens } from "./layout.ts";

/** Queries `[N, H*E]`, keys and values `[N, K*E]` of flat tokens; queries and keys rotated. */
export interface Projected {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

/** Keys and values with heads first, `[B or 1, K, length, E]`. */
export interface Seen {
  readonly key: Value;
  readonly value: Value;
  readonly length: Dim;
}

/** Keys and values with their mask, `[B or 1, 1, 1, queries, length]`. */
export interface Masked extends Seen {
  readonly mask: Value;
  /** Whether keys and values are pages, `[S, B, K, P, E]`. */
  readonly isPaged?: boolean;
}

/** The part of the architecture that determines attention scores. */
export type Scoring = Pick<
  Architecture,
  "heads" | "kvHeads" | "headWidth" | "attentionScale" | "attentionCap"
>;

/** Inputs of causal self-attention in blocks of queries, with an optional memory that all rows attend to. */
interface SelfAttention {
  /** `[rows*length, H*E]` */
  readonly query: Value;
  readonly length: Dim;
  readonly own: Seen;
  readonly memory: Masked | null;
  readonly rows: Dim;
  readonly blocks: readonly Block[];
  readonly masks: readonly Value[];
}

/**
 * softmax(cap(q k^T scale) + mask) v for each head.
 *
 * @returns `[N, H*E]`
 * @source Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.1; groups: Ainslie et al. 2023 (arXiv 2305.13245)
 */
export function attend(parts: Projected, inputs: LayoutInputs, model: Architecture): Value {
  const { layout, prefixMasks, memoryMask, cacheKey, cacheValue, lengths, tables } = inputs;
  if (tables) return blockAttention([parts.query, parts.key, parts.value], tables, attentionShape(model));
  if (lengths && cacheKey && cacheValue) {
    const cache = { key: cacheKey, value: cacheValue, lengths };
    return pagedAttention([parts.query, parts.key, parts.value], cache, attentionShape(model));
  }
  if (layout.memory === "none") return attendRows(parts, null, inputs, model);
  if (!memoryMask) throw new Error("Internal: a memory without its mask");
  if (cacheKey && cacheValue) {
    const cache = { length: cachePlaces, mask: memoryMask, isPaged: true };
    if (layout.cached !== "bfloat16")
      return attendRows(parts, { ...cache, key: cacheKey, value: cacheValue }, inputs, model);
    // rounds the new keys and values as the cache will, so that results do not depend on the number of tokens per pass
    const [key, value] = [widen(narrow(parts.key)), widen(narrow(parts.value))];
    const kept = { ...cache, key: widen(cacheKey), value: widen(cacheValue) };
    return attendRows({ query: parts.query, key, value }, kept, inputs, model);
  }
  const rows = rowTokens(layout);
  const split = (from: Dim, size: Dim, after: Dim): Projected => ({
    query: slice(parts.query, 0, from, size, after),
    key: slice(parts.key, 0, from, size, after),
    value: slice(parts.value, 0, from, size, after),
  });
  const first = split(0, "P", rows);
  const prefix = seen(first, 1, "P", model);
  const alone = { query: first.query, length: "P", own: prefix, memory: null, rows: 1, masks: prefixMasks };
  const own = lookBack({ ...alone, blocks: prefixBlocks(layout) }, model);
  const rest = attendRows(split("P", rows, 0), { ...prefix, mask: memoryMask }, inputs, model);
  return concat([reshape(own, ["P", model.heads * model.headWidth]), rest], 0);
}

/** The attributes of blockwise and paged attention for a model. */
export function attentionShape({
  heads,
  kvHeads,
  headWidth: width,
  attentionScale: scale,
  attentionCap,
}: Architecture): AttentionShape {
  return { heads, kvHeads, width, scale, cap: attentionCap ?? 0 };
}

/** The past KV cache with the rows' own keys and values appended, `[B, K, C+T, E]`. */
export function growPast({ key, value }: Projected, inputs: LayoutInputs, model: Architecture): Seen {
  const { cacheKey, cacheValue } = inputs;
  if (!cacheKey || !cacheValue) throw new Error("Internal: a layout without a past");
  const own = seen({ key, value }, "B", "T", model);
  return {
    key: concat([cacheKey, own.key], 2),
    value: concat([cacheValue, own.value], 2),
    length: sumDim("C", "T"),
  };
}

/** Attention to the past and to the rows' own tokens, which are already concatenated. `[B*T, H*E]` */
export function attendGrown(query: Value, grown: Seen, { masks }: LayoutInputs, model: Architecture): Value {
  const block = { before: 0, size: "T", after: 0, seen: grown.length };
  return lookBack({ query, length: "T", own: grown, memory: null, rows: "B", blocks: [block], masks }, model);
}

/** Attention to a memory, if there is one, and to the rows' own tokens. */
function attendRows(
  parts: Projected,
  memory: Masked | null,
  inputs: LayoutInputs,
  model: Architecture,
): Value {
  const { index, inverse, masks, layout } = inputs;
  const toGrid = (x: Value): Value => (index && inverse ? takeRows(x, index, inverse) : x);
  const grid = { query: toGrid(parts.query), key: toGrid(parts.key), value: toGrid(parts.value) };
  const own = seen(grid, "B", "T", model);
  const blocks = rowBlocks(layout);
  const mixed = lookBack({ query: grid.query, length: "T", own, memory, rows: "B", blocks, masks }, model);
  return index && inverse ? takeRows(mixed, inverse, index) : mixed;
}

function seen({ key, value }: Omit<Projected, "query">, rows: Dim, length: Dim, model: Architecture): Seen {
  const heads = (x: Value): Value => splitHeads(x, rows, length, model.kvHeads, model.headWidth);
  return { key: heads(key), value: heads(value), length };
}

/** `[rows*length, H*E]` */
function lookBack(part: SelfAttention, model: Architecture): Value {
  const { query, length, own, memory, rows, blocks, masks } = part;
  const { heads, headWidth } = model;
  const queries = splitHeads(query, rows, length, heads, headWidth);
  const mixed = blocks.map(({ before, size, after, seen: reach }, at) => {
    const mask = masks[at];
    if (!mask) throw new Error("Internal: a block without its mask");
    const upTo = (x: Value): Value => (after === 0 ? x : slice(x, 2, 0, reach, after));
    const near = { key: upTo(own.key), value: upTo(own.value), length: reach, mask };
    const q = blocks.length === 1 ? queries : slice(queries, 2, before, size, after);
    const far =
      memory &&
      (blocks.length === 1 ? memory : { ...memory, mask: slice(memory.mask, 3, before, size, after) });
    return lookAt(q, far ? [far, near] : [near], rows, size, model);
  });
  const joined = reshape(concat(mixed, 2), [rows, heads, length, headWidth]);
  return joinHeads(joined, rows, length, heads, headWidth);
}

/** Attention with one softmax over all keys, in one or two parts. Query and result `[rows, H, length, E]`. */
export function lookAt(
  query: Value,
  parts: readonly Masked[],
  rows: Dim,
  length: Dim,
  model: Scoring,
): Value {
  const { heads, kvHeads, headWidth } = model;
  const group = heads / kvHeads;
  const stacked = timesDim(group, length);
  const q = reshape(query, [rows, kvHeads, stacked, headWidth]);
  const scores = parts.map((part) => {
    const raw = part.isPaged ? pagedScores(q, part.key, model) : cappedScores(q, part.key, model);
    const spread = reshape(raw, [rows, kvHeads, group, length, part.length]);
    return reshape(add(spread, part.mask), [rows, kvHeads, stacked, part.length]);
  });
  const [first, own] = parts;
  const mixed =
    first?.isPaged && own
      ? mixPages(softmax(concat(scores, -1)), first, own)
      : attention(
          concat(scores, -1),
          parts.map(({ value }) => value),
        );
  return reshape(mixed, [rows, heads, length, headWidth]);
}

/** Scores of queries `[B, K, G*T, E]` over pages of keys: `[B, K, G*T, S*P]`. Transposes scores instead of keys. */
function pagedScores(query: Value, pages: Value, model: Scoring): Value {
  const [rows = 1, kvHeads = 1, stacked = 1] = query.shape;
  const scores = cappedScores(reshape(query, [1, ...query.shape]), pages, model);
  return reshape(transpose(scores, [1, 2, 3, 0, 4]), [rows, kvHeads, stacked, cachePlaces]);
}

/** Weighted sums of values in pages and of the rows' own values: `[B, K, G*T, E]`. Has no gradient. */
function mixPages(weights: Value, pages: Masked, own: Masked): Value {
  const [rows = 1, kvHeads = 1, stacked = 1] = weights.shape;
  const far = slice(weights, -1, 0, pages.length, own.length);
  const byPage = transpose(reshape(far, [rows, kvHeads, stacked, "S", pageTokens]), [3, 0, 1, 2, 4]);
  const mixed = reduce("sum", matmul(byPage, pages.value), 0);
  const near = matmul(slice(weights, -1, pages.length, own.length, 0), own.value);
  return add(reshape(mixed, near.shape), near);
}

/** The attention operations that a result of `attend` consists of, as candidates for retention. */
export function attentionsIn(result: Value): Value[] {
  const visited = new Set<Value>();
  const visit = (value: Value): void => {
    if (visited.has(value)) return;
    visited.add(value);
    if (value.op !== "attention") value.inputs.forEach(visit);
  };
  visit(result);
  return [...visited].filter(({ op }) => op === "attention");
}

/**
 * Soft-capped scores, cap tanh(s / cap), if the family caps them (Gemma 2, arXiv 2408.00118, section 2), otherwise s.
 */
function cappedScores(query: Value, key: Value, { attentionScale, attentionCap }: Scoring): Value {
  if (attentionCap === null) return matmul(query, key, { transposeB: true, alpha: attentionScale });
  const scores = matmul(query, key, { transposeB: true, alpha: attentionScale / attentionCap });
  return scale(elementwise("tanh", scores), attentionCap);
}
