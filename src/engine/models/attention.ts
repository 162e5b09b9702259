/**
 * @file Grouped-query attention of a batch's tokens over their own rows and over a shared prefix or a cache.
 *
 * Queries of one key head are stacked, G = H / K of them, so keys and values are never repeated:
 *
 *     q [B, H, T, E] = [B, K, G*T, E]      k, v [B, K, T, E]      scores [B, K, G*T, T]
 */
import {
  add,
  concat,
  elementwise,
  joinHeads,
  matmul,
  reshape,
  scale,
  slice,
  softmax,
  splitHeads,
  takeRows,
} from "../graph/build.ts";
import { type Dim, timesDim } from "../graph/shape.ts";
import type { Value } from "../graph/value.ts";
import type { Architecture } from "./architecture.ts";
import { type LayoutInputs, rowTokens } from "./layout.ts";

/** Queries `[N, H*E]`, keys and values `[N, K*E]` of flat tokens; queries and keys rotated. */
export interface Projected {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

/** Keys and values with heads first, `[B or 1, K, length, E]`, and the mask of looking at them. */
interface Seen {
  readonly key: Value;
  readonly value: Value;
  readonly length: Dim;
  readonly mask: Value;
}

/**
 * softmax(cap(q k^T scale) + mask) v for each head.
 *
 * @returns `[N, H*E]`
 * @source Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.1; groups: Ainslie et al. 2023 (arXiv 2305.13245)
 */
export function attend(parts: Projected, inputs: LayoutInputs, model: Architecture): Value {
  const { layout, prefixMask, memoryMask, cacheKey, cacheValue } = inputs;
  if (layout.memory === "none") return attendRows(parts, [], inputs, model);
  if (cacheKey && cacheValue && memoryMask) {
    const cache = { key: cacheKey, value: cacheValue, length: "C", mask: memoryMask };
    return attendRows(parts, [cache], inputs, model);
  }
  if (!prefixMask || !memoryMask) throw new Error("Internal: a prefix without its masks");
  const rows = rowTokens(layout);
  const split = (from: Dim, size: Dim, after: Dim): Projected => ({
    query: slice(parts.query, 0, from, size, after),
    key: slice(parts.key, 0, from, size, after),
    value: slice(parts.value, 0, from, size, after),
  });
  const first = split(0, "P", rows);
  const prefix = seen(first, 1, "P", prefixMask, model);
  const own = lookAt(first.query, [prefix], 1, "P", model);
  const rest = attendRows(split("P", rows, 0), [{ ...prefix, mask: memoryMask }], inputs, model);
  return concat(reshape(own, ["P", model.heads * model.headWidth]), rest, 0);
}

/** Rows look at a memory, if there is one, and at themselves. */
function attendRows(parts: Projected, memory: Seen[], inputs: LayoutInputs, model: Architecture): Value {
  const { index, inverse, mask } = inputs;
  const toGrid = (x: Value): Value => (index && inverse ? takeRows(x, index, inverse) : x);
  const grid = { query: toGrid(parts.query), key: toGrid(parts.key), value: toGrid(parts.value) };
  const mixed = lookAt(grid.query, [...memory, seen(grid, "B", "T", mask, model)], "B", "T", model);
  return index && inverse ? takeRows(mixed, inverse, index) : mixed;
}

function seen({ key, value }: Projected, rows: Dim, length: Dim, mask: Value, model: Architecture): Seen {
  const heads = (x: Value): Value => splitHeads(x, rows, length, model.kvHeads, model.headWidth);
  return { key: heads(key), value: heads(value), length, mask };
}

/** One softmax over everything that is seen, one or two parts. Query `[rows*length, H*E]`, result likewise. */
function lookAt(query: Value, [near, far]: Seen[], rows: Dim, length: Dim, model: Architecture): Value {
  if (!near) throw new Error("Internal: attention without keys");
  const { heads, kvHeads, headWidth } = model;
  const group = heads / kvHeads;
  const stacked = timesDim(group, length);
  const q = reshape(splitHeads(query, rows, length, heads, headWidth), [rows, kvHeads, stacked, headWidth]);
  const scores = (part: Seen): Value => {
    const spread = reshape(cappedScores(q, part.key, model), [rows, kvHeads, group, length, part.length]);
    return add(spread, part.mask);
  };
  const mix = (weights: Value, part: Seen): Value =>
    matmul(reshape(weights, [rows, kvHeads, stacked, part.length]), part.value);
  let mixed: Value;
  if (far) {
    const weights = softmax(concat(scores(near), scores(far), -1));
    const onNear = slice(weights, -1, 0, near.length, far.length);
    const onFar = slice(weights, -1, near.length, far.length, 0);
    mixed = add(mix(onNear, near), mix(onFar, far));
  } else {
    mixed = mix(softmax(scores(near)), near);
  }
  return joinHeads(reshape(mixed, [rows, heads, length, headWidth]), rows, length, heads, headWidth);
}

/** cap tanh(s / cap) where the family caps its scores (Gemma 2, arXiv 2408.00118, section 2), else s. */
function cappedScores(query: Value, key: Value, { attentionScale, attentionCap }: Architecture): Value {
  if (attentionCap === null) return matmul(query, key, { transposeB: true, alpha: attentionScale });
  const scores = matmul(query, key, { transposeB: true, alpha: attentionScale / attentionCap });
  return scale(elementwise("tanh", scores), attentionCap);
}
