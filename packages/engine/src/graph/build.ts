/** @file Operations as functions on values, from which models and gradients are built. */
import { type Dim, sumDim, timesDim } from "./shape.ts";
import type { Elementwise, Value } from "./value.ts";

/** a + b, broadcast. */
export function add(a: Value, b: Value): Value {
  return a.graph.apply("add", [a, b]);
}

/** a - b, broadcast. */
export function subtract(a: Value, b: Value): Value {
  return a.graph.apply("subtract", [a, b]);
}

/** a * b, element by element, broadcast. */
export function multiply(a: Value, b: Value): Value {
  return a.graph.apply("multiply", [a, b]);
}

/** x multiplied by a constant. */
export function scale(x: Value, factor: number): Value {
  return factor === 1 ? x : multiply(x, x.graph.constant([factor]));
}

/** x plus a constant. */
export function shift(x: Value, amount: number): Value {
  return add(x, x.graph.constant([amount]));
}

/** Transposition of a product's operands, and its scale. */
export interface ProductOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly alpha?: number;
  /** Whether one side has few columns, so that an operator of `jit/` may compute the product. */
  readonly thin?: boolean;
}

/** alpha * op(a) op(b) + addend on matrices. */
export function gemm(a: Value, b: Value, options: ProductOptions = {}, addend?: Value): Value {
  return a.graph.apply("gemm", addend ? [a, b, addend] : [a, b], productAttributes(options));
}

/** alpha * op(a) op(b) on the last two axes, leading axes broadcast. */
export function matmul(a: Value, b: Value, options: ProductOptions = {}): Value {
  return a.graph.apply("matmul", [a, b], productAttributes(options));
}

/** x converted to bfloat16, rounded to nearest. */
export function narrow(x: Value): Value {
  return x.graph.apply("narrow", [x]);
}

/** x converted from bfloat16 to float32. */
export function widen(x: Value): Value {
  return x.graph.apply("widen", [x]);
}

/**
 * x W^T or x W in bfloat16 with float32 sums, optionally plus an addend and a product of thin matrices.
 *
 * @param x `[N, inner]`
 * @param matrix W, in the format in which it is stored
 */
export function bf16Product(
  x: Value,
  matrix: StoredMatrix,
  { transposeB }: { readonly transposeB: boolean },
  more: { readonly addend?: Value; readonly thin?: ThinFactors } = {},
): Value {
  return applyBf16(narrow(x), matrix, transposeB, more);
}

/** Two float32 matrices whose product is added: `[N, R]`, and, oriented like W, `[columns, R]` or `[R, columns]`. */
export interface ThinFactors {
  readonly rows: Value;
  readonly columns: Value;
}

/** Whether a bfloat16 product can include thin matrices of this many columns: a multiple of 8, up to 512. */
export function canBeThin(rank: Dim | undefined): boolean {
  return typeof rank === "number" && rank % 8 === 0 && rank <= 512;
}

/** The same bfloat16 product with a further addend or thin product. */
export function withMore(
  product: Value,
  more: { readonly addend?: Value; readonly thin?: ThinFactors },
): Value {
  const { x, matrix, addend, thin } = partsOfProduct(product);
  const all = { ...(addend && { addend }), ...(thin && { thin }), ...more };
  return applyBf16(x, matrix, product.attributes["transposeB"] === true, all);
}

/** x + y. If y is a bfloat16 product, its sums start with x, which saves a pass. */
export function addTo(x: Value, y: Value): Value {
  const isProduct = y.op === "bf16-product" && partsOfProduct(y).addend === undefined;
  return isProduct ? withMore(y, { addend: x }) : add(x, y);
}

function applyBf16(
  x: Value,
  { values, scales }: StoredMatrix,
  transposeB: boolean,
  { addend, thin }: { readonly addend?: Value; readonly thin?: ThinFactors },
): Value {
  const inputs = [x, values, ...(scales ? [scales] : [])];
  if (thin) inputs.push(narrow(thin.rows), thin.columns);
  if (addend) inputs.push(addend);
  return x.graph.apply("bf16-product", inputs, { transposeB, ...(thin && { thin: true }) });
}

/** silu(gate) up as float32, in one pass over both inputs in bfloat16. */
export function swiglu(gate: Value, up: Value): Value {
  return gate.graph.apply("swiglu", [narrow(gate), narrow(up)]);
}

/** A stored matrix as inputs of a program. */
export interface StoredMatrix {
  /** `[rows, columns]` in bfloat16 or float32, or `[rows, columns / 2]` codes of NF4, two per byte. */
  readonly values: Value;
  /** Scales of NF4, `[rows, columns / 64]` */
  readonly scales?: Value;
}

/** The inputs of a bfloat16 product by role; x is bfloat16. */
export function partsOfProduct({ inputs: [x, values, ...more], attributes }: Value): {
  readonly x: Value;
  readonly matrix: StoredMatrix;
  readonly addend: Value | undefined;
  readonly thin: ThinFactors | undefined;
} {
  if (!x || !values) throw new Error("Internal: a product without a matrix");
  const scales = values.type === "uint8" ? more.shift() : undefined;
  const [rows, columns] = attributes["thin"] ? [more.shift()?.inputs[0], more.shift()] : [];
  return {
    x,
    matrix: { values, ...(scales && { scales }) },
    addend: more[0],
    thin: rows && columns ? { rows, columns } : undefined,
  };
}

function productAttributes({
  transposeA = false,
  transposeB = false,
  alpha = 1,
  thin = false,
}: ProductOptions): Readonly<Record<string, boolean | number>> {
  return { transposeA, transposeB, alpha, ...(thin && { thin }) };
}

/** The same elements in another shape. */
export function reshape(x: Value, shape: readonly Dim[]): Value {
  return x.graph.apply("reshape", [x], { shape });
}

/** Permutes axes. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return x.graph.apply("transpose", [x], { permutation });
}

/** Softmax over the last axis. */
export function softmax(x: Value): Value {
  return x.graph.apply("softmax", [x]);
}

/**
 * softmax(scores) times the values. The values can come in several parts, in the order of the scores' last axis.
 *
 * It is a single operation so that it can have its own gradient, which computes the softmax's row sums from the narrow
 * result instead of the wide weights.
 *
 * @param scores `[..., queries, keys of all parts]`
 * @param values parts `[..., keys, E]`; leading axes broadcast
 */
export function attention(scores: Value, values: readonly Value[]): Value {
  const weights = softmax(scores);
  const mixed = attentionParts(weights, values).map(([part, value]) => matmul(part, value));
  return scores.graph.apply("attention", [mixed.reduce(add), scores, weights, ...values]);
}

/** Tables of rows and blocks, from `batch/attention-tables.ts`. */
export interface AttentionTables {
  readonly window: Value;
  readonly segments: Value;
  readonly queryBlocks: Value;
  readonly querySpans: Value;
  readonly keyBlocks: Value;
  readonly keySpans: Value;
}

/** Sizes and factors of attention; `cap` is 0 if scores are not capped. */
export interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly width: number;
  readonly scale: number;
  readonly cap: number;
}

/**
 * Causal blockwise attention of flat rows; the complete attention weights never exist in memory.
 *
 * @param query `[N, H*E]`, key and value `[N, K*E]`
 * @returns `[N, H*E]`
 */
export function blockAttention(
  [query, key, value]: readonly [Value, Value, Value],
  tables: AttentionTables,
  shape: AttentionShape,
): Value {
  const { window, segments, queryBlocks, querySpans, keyBlocks, keySpans } = tables;
  const given = [query, key, value, window, segments, queryBlocks, querySpans, keyBlocks, keySpans];
  return query.graph.apply("block-attention", given, { ...shape });
}

/**
 * Attention of one new token per row to a paged KV cache and to itself; also stores the token there. Scores are not
 * capped.
 *
 * @param query `[B, H*E]`; key and value `[B, K*E]`
 * @param cache keys and values in bfloat16, `[S, B, K, P, E]`, with room for the new token, and the number of cached
 *   tokens of each row, `[B]`
 * @returns `[B, H*E]`
 */
export function pagedAttention(
  [query, key, value]: readonly [Value, Value, Value],
  cache: { readonly key: Value; readonly value: Value; readonly lengths: Value },
  shape: AttentionShape,
): Value {
  const given = [query, key, value, cache.key, cache.value, cache.lengths];
  return query.graph.apply("paged-attention", given, { ...shape });
}

/** Maximum and reciprocal sum of each query's scores, `[2H, N]`: the second result of blockwise attention. */
export function attentionStatistics(mixed: Value): Value {
  return mixed.graph.apply("attention-statistics", [mixed]);
}

/** Pairs each part of the values with its segment of the weights. */
export function attentionParts(weights: Value, values: readonly Value[]): [Value, Value][] {
  const lengths = values.map(({ shape }) => shape.at(-2) ?? 1);
  const sum = (dims: readonly Dim[]): Dim => dims.reduce(sumDim, 0);
  return values.map((value, at) => {
    if (values.length === 1) return [weights, value];
    const around = [sum(lengths.slice(0, at)), lengths[at] ?? 1, sum(lengths.slice(at + 1))] as const;
    return [slice(weights, -1, ...around), value];
  });
}

/**
 * x / sqrt(mean(x^2) + epsilon) * weight over the last axis.
 *
 * @source Zhang and Sennrich 2019 (arXiv 1910.07467), equation 4
 */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  return x.graph.apply("rms-norm", [x, weight], { epsilon });
}

/** 1 / sqrt(mean(x^2) + epsilon) of a norm's input, `[..., 1]`: the second result of the norm. */
export function inverseRms(norm: Value): Value {
  return norm.graph.apply("inverse-rms", [norm]);
}

/** An element-by-element function. */
export function elementwise(op: Elementwise, x: Value): Value {
  return x.graph.apply(op, [x]);
}

/**
 * Rotary position embedding, with the half-split convention of Hugging Face. The first elements of each head are
 * rotated, two for each cosine.
 *
 * @param x `[N, H*E]`, or `[1, N, H*E]` in the runtime's layout
 * @param cosine `[N, pairs]`, one row per token, at most E/2 pairs
 * @param sine likewise
 * @source Su et al. 2021 (arXiv 2104.09864), equation 34; halves as in transformers `rotate_half`
 */
export function rotate(x: Value, cosine: Value, sine: Value, heads: number): Value {
  if (x.shape.length === 3) return x.graph.apply("rotate", [x, cosine, sine], { heads });
  const [tokens = 1, width = 1] = x.shape;
  return reshape(x.graph.apply("rotate", [reshape(x, [1, tokens, width]), cosine, sine], { heads }), x.shape);
}

/**
 * Gathers rows of x in the order of `index`.
 *
 * @param inverse maps each row of x to its row in the result, as the index of the gradient. Rows of the result that
 *   `inverse` does not name are padding and must carry no gradient.
 */
export function takeRows(x: Value, index: Value, inverse?: Value): Value {
  return x.graph.apply("take-rows", inverse ? [x, index, inverse] : [x, index]);
}

/** Picks from each row of a matrix the element at `index` `[N, 1]`: `[N, 1]`. */
export function takeAlong(x: Value, index: Value): Value {
  return x.graph.apply("take-along", [x, index]);
}

/** Reductions that keep the axis with size 1. */
export function reduce(op: "sum" | "mean" | "maximum", x: Value, axis: number): Value {
  return x.graph.apply(op, [x], { axis: axis < 0 ? x.shape.length + axis : axis });
}

/** x minus its mean over the last axis. */
export function center(x: Value): Value {
  return x.graph.apply("center", [x]);
}

/** 1 for the `count` largest values of the last axis, else 0; all values that tie with the smallest of them get 1. */
export function largest(x: Value, count: number): Value {
  return x.graph.apply("largest", [x], { count });
}

/** Concatenates values along an axis. */
export function concat(values: readonly Value[], axis: number): Value {
  const [first] = values;
  if (!first) throw new Error("Internal: nothing to join");
  if (values.length === 1) return first;
  const at = axis < 0 ? first.shape.length + axis : axis;
  const size = values.map(({ shape }) => shape[at] ?? 1).reduce(sumDim);
  return first.graph.apply("concat", values, { axis: at, size });
}

/** `size` elements of an axis, without the `before` elements in front and the `after` elements behind. */
export function slice(x: Value, axis: number, before: Dim, size: Dim, after: Dim): Value {
  const at = axis < 0 ? x.shape.length + axis : axis;
  return x.graph.apply("slice", [x], { axis: at, before, size, after });
}

/**
 * Pads an axis of x with `filler`, `before` times in front and `after` times behind.
 *
 * @param whole the resulting size of the axis, if it has a name of its own
 */
export function pad(x: Value, axis: number, before: Dim, after: Dim, filler = 0, whole?: Dim): Value {
  const at = axis < 0 ? x.shape.length + axis : axis;
  const size = whole ?? sumDim(sumDim(before, x.shape[at] ?? 1), after);
  return x.graph.apply("pad", [x], { axis: at, before, after, size, filler });
}

/** Splits the last axis into heads and moves them forward: `[B*T, H*E]` to `[B, H, T, E]`. */
export function splitHeads(x: Value, rows: Dim, length: Dim, heads: number, width: number): Value {
  return transpose(reshape(x, [rows, length, heads, width]), [0, 2, 1, 3]);
}

/** The inverse of `splitHeads`: `[B, H, T, E]` to `[B*T, H*E]`. */
export function joinHeads(x: Value, rows: Dim, length: Dim, heads: number, width: number): Value {
  return reshape(transpose(x, [0, 2, 1, 3]), [timesDim(rows, length), heads * width]);
}
