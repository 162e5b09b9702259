/**
 * @file The gradient table: one row per operation, the formula in the row.
 *
 * `g` is the gradient of the loss with respect to the operation's result y; a row returns those of its inputs. `null`
 * marks an input without gradient. Every row is checked against finite differences by one loop (`table.runtime.ts`).
 */
import {
  add,
  attentionParts,
  attentionStatistics,
  bf16Product,
  center,
  concat,
  elementwise,
  gemm,
  inverseRms,
  matmul,
  multiply,
  type ProductOptions,
  pad,
  partsOfProduct,
  reduce,
  reshape,
  rotate,
  scale,
  shift,
  slice,
  subtract,
  takeRows,
  transpose,
} from "../graph/build.ts";
import { type Dim, sameShape, sumDim } from "../graph/shape.ts";
import type { OperationName, Value } from "../graph/value.ts";

/** Gradients of the inputs of `y`, in order, given the gradient `g` of `y`. */
export type GradientRule = (g: Value, y: Value) => readonly (Value | null)[];

/** Operations that appear only in gradients or in the head, whose gradient is written by hand there. */
const none: GradientRule = (_, y) => {
  throw new Error(`Internal: ${y.op} has no gradient`);
};

/** All rules by operation name. */
export const gradients: Readonly<Record<OperationName, GradientRule>> = {
  add: (g, y) => [unbroadcast(g, at(y, 0)), unbroadcast(g, at(y, 1))],
  subtract: (g, y) => [unbroadcast(g, at(y, 0)), unbroadcast(scale(g, -1), at(y, 1))],
  multiply: (g, y) => [
    unbroadcast(multiply(g, at(y, 1)), at(y, 0)),
    unbroadcast(multiply(g, at(y, 0)), at(y, 1)),
  ],
  gemm: (g, y) => [...productGradients(gemm, g, y), ...(y.inputs[2] ? [g] : [])],
  narrow: (g) => [g],
  widen: (g) => [g],
  "bf16-product": bf16Gradients,
  matmul: (g, y) => productGradients(matmul, g, y).map((d, side) => unbroadcast(d, at(y, side))),
  reshape: (g, y) => [reshape(g, at(y, 0).shape)],
  transpose: (g, y) => [transpose(g, inversePermutation(y.attributes["permutation"] as readonly number[]))],
  attention: attentionGradients,
  swiglu: (g, y) => {
    const gate = y.graph.apply("swiglu-gradient", [g, ...y.inputs]);
    return [gate, y.graph.apply("swiglu-up-gradient", [gate])];
  },
  "swiglu-gradient": none,
  "swiglu-up-gradient": none,
  "block-attention": (g, y) => {
    const query = y.graph.apply(
      "block-attention-gradient",
      [g, y, attentionStatistics(y), ...y.inputs],
      y.attributes,
    );
    const [key, value] = (["attention-key-gradient", "attention-value-gradient"] as const).map((part) =>
      y.graph.apply(part, [query]),
    ) as [Value, Value];
    return [query, key, value, ...y.inputs.slice(3).map(() => null)];
  },
  "paged-attention": none,
  "attention-statistics": none,
  "block-attention-gradient": none,
  "attention-key-gradient": none,
  "attention-value-gradient": none,
  // dx = y (g - sum(g y))
  softmax: (g, y) => [multiply(y, subtract(g, reduce("sum", multiply(g, y), -1)))],
  "rms-norm": rmsNormGradient,
  "inverse-rms": none,
  // s (1 + x (1 - s)) = s + y - y s with s = sigmoid(x) and y = x s
  silu: (g, y) => {
    const s = elementwise("sigmoid", at(y, 0));
    return [multiply(g, subtract(add(s, y), multiply(y, s)))];
  },
  gelu: (g, y) => [multiply(g, geluSlope(at(y, 0)))],
  "gelu-tanh": (g, y) => [multiply(g, geluTanhSlope(at(y, 0)))],
  sigmoid: (g, y) => [multiply(g, multiply(y, shift(scale(y, -1), 1)))],
  tanh: (g, y) => [multiply(g, shift(scale(multiply(y, y), -1), 1))],
  log: (g, y) => [multiply(g, elementwise("reciprocal", at(y, 0)))],
  exponential: (g, y) => [multiply(g, y)],
  erf: (g, y) => [multiply(g, erfSlope(at(y, 0)))],
  reciprocal: (g, y) => [scale(multiply(g, multiply(y, y)), -1)],
  "square-root": (g, y) => [scale(multiply(g, elementwise("reciprocal", y)), 0.5)],
  // the transpose of a rotation rotates by the negative angle
  rotate: (g, y) => [rotate(g, at(y, 1), scale(at(y, 2), -1), y.attributes["heads"] as number), null, null],
  "take-rows": (g, y) => {
    const [, index, inverse] = y.inputs;
    if (!index || !inverse) return none(g, y);
    return [takeRows(g, inverse, index), null, null];
  },
  "take-along": none,
  sum: none,
  mean: none,
  maximum: none,
  // piecewise constant
  largest: () => [null],
  // an orthogonal projection, so it equals its transpose
  center: (g) => [center(g)],
  concat: concatGradients,
  slice: (g, y) => {
    const { axis, before, after } = y.attributes as { axis: number; before: Dim; after: Dim };
    return [pad(g, axis, before, after, 0, at(y, 0).shape[axis])];
  },
  pad: (g, y) => {
    const { axis, before, after } = y.attributes as { axis: number; before: Dim; after: Dim };
    return [slice(g, axis, before, at(y, 0).shape[axis] ?? 1, after)];
  },
};

type Product = typeof gemm;

/** For y = alpha op(a) op(b): da = alpha g op(b)^T and db = alpha op(a)^T g, without separate transpositions. */
function productGradients(product: Product, g: Value, y: Value): Value[] {
  const { transposeA, transposeB, ...same } = y.attributes as {
    readonly transposeA: boolean;
    readonly transposeB: boolean;
    readonly alpha: number;
    readonly thin?: boolean;
  };
  const [a, b] = [at(y, 0), at(y, 1)];
  const da = transposeA
    ? product(b, g, { transposeA: transposeB, transposeB: true, ...same })
    : product(g, b, { transposeB: !transposeB, ...same });
  const db = transposeB
    ? product(g, a, { transposeA: true, transposeB: transposeA, ...same })
    : product(a, g, { transposeA: !transposeA, ...same });
  return [da, db];
}

/** Only float32 matrices are trainable. Their gradients, and those of thin matrices, are float32 products. */
function bf16Gradients(g: Value, y: Value): (Value | null)[] {
  const { x, matrix, addend, thin } = partsOfProduct(y);
  const transposeB = y.attributes["transposeB"] === true;
  const ofMatrix = (left: Value, more: ProductOptions = {}): Value =>
    transposeB ? gemm(g, left, { transposeA: true, ...more }) : gemm(left, g, { transposeA: true, ...more });
  return [
    bf16Product(g, matrix, { transposeB: !transposeB }),
    matrix.values.type === "float32" ? ofMatrix(at(x, 0)) : null,
    ...(matrix.scales ? [null] : []),
    ...(thin
      ? [gemm(g, thin.columns, { transposeB: !transposeB, thin: true }), ofMatrix(thin.rows, { thin: true })]
      : []),
    ...(addend ? [g] : []),
  ];
}

/**
 * With r = 1 / sqrt(mean(x^2) + eps) and h = g w: dx = r h - x r^3 mean(h x), where r mean(h x) = mean(g y);
 * dw = sum over rows of g x r.
 */
function rmsNormGradient(g: Value, y: Value): Value[] {
  const [x, weight] = [at(y, 0), at(y, 1)];
  const r = inverseRms(y);
  const pull = multiply(multiply(r, r), reduce("mean", multiply(g, y), -1));
  const dx = subtract(multiply(multiply(g, weight), r), multiply(x, pull));
  return [dx, unbroadcast(multiply(g, multiply(x, r)), weight)];
}

/**
 * With P = softmax(S) and y = P V: dV = P^T g and dS = P (g V^T - rowsum(g y)), since the row sums of P (g V^T) are
 * those of g y. Subtracting them is part of the product: [g, -rowsum] [V, 1]^T.
 *
 * @source Dao et al. 2022 (arXiv 2205.14135), appendix B.2, equation 4
 */
function attentionGradients(g: Value, y: Value): (Value | null)[] {
  const [, , weights, ...values] = y.inputs;
  if (!weights) return none(g, y) as Value[];
  const wide = concat([g, scale(reduce("sum", multiply(g, y), -1), -1)], -1);
  const pulls = values.map((value) => matmul(wide, pad(value, -1, 0, 1, 1), { transposeB: true }));
  const dValues = attentionParts(weights, values).map(([part, value]) =>
    unbroadcast(matmul(part, g, { transposeA: true }), value),
  );
  return [null, multiply(weights, concat(pulls, -1)), null, ...dValues];
}

/**
 * Derivative of x P(x), with the normal distribution's P(x) = 0.5 (1 + erf(x / sqrt(2))): P(x) + x p(x).
 *
 * @source Hendrycks and Gimpel 2016 (arXiv 1606.08415), section 2
 */
function geluSlope(x: Value): Value {
  const below = scale(shift(elementwise("erf", scale(x, Math.SQRT1_2)), 1), 0.5);
  return add(below, scale(multiply(x, bell(x, 0.5)), 1 / Math.sqrt(2 * Math.PI)));
}

/** 2 / sqrt(pi) exp(-x^2). @source the definition of erf as an integral: Abramowitz and Stegun 1964, 7.1.1 */
function erfSlope(x: Value): Value {
  return scale(bell(x, 1), 2 / Math.sqrt(Math.PI));
}

/** exp(-factor x^2). */
function bell(x: Value, factor: number): Value {
  return elementwise("exponential", scale(multiply(x, x), -factor));
}

/**
 * Derivative of 0.5 x (1 + tanh(u)) with u = c (x + 0.044715 x^3), c = sqrt(2 / pi).
 *
 * @source Hendrycks and Gimpel 2016 (arXiv 1606.08415), section 2
 */
function geluTanhSlope(x: Value): Value {
  const c = Math.sqrt(2 / Math.PI);
  const square = multiply(x, x);
  const t = elementwise("tanh", scale(multiply(x, shift(scale(square, 0.044715), 1)), c));
  const slopeOfU = scale(shift(scale(square, 3 * 0.044715), 1), c);
  const bend = multiply(multiply(x, shift(scale(multiply(t, t), -1), 1)), slopeOfU);
  return scale(add(shift(t, 1), bend), 0.5);
}

/** Each part gets its own segment of the gradient. */
function concatGradients(g: Value, y: Value): Value[] {
  const axis = y.attributes["axis"] as number;
  const sizes = y.inputs.map(({ shape }) => shape[axis] ?? 1);
  return sizes.map((size, part) => {
    const before = sizes.slice(0, part).reduce(sumDim, 0);
    const after = sizes.slice(part + 1).reduce(sumDim, 0);
    return slice(g, axis, before, size, after);
  });
}

function inversePermutation(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

function at(y: Value, input: number): Value {
  const value = y.inputs[input];
  if (!value) throw new Error(`Internal: ${y.op} has no input ${input}`);
  return value;
}

/** Reverses broadcasting: sums `g` over the axes along which `input` was repeated. */
function unbroadcast(g: Value, input: Value): Value {
  if (sameShape(g.shape, input.shape)) return g;
  const extra = g.shape.length - input.shape.length;
  let sum = g;
  for (const [axis, dim] of g.shape.entries()) {
    const own = axis < extra ? 1 : (input.shape[axis - extra] ?? 1);
    if (own === 1 && dim !== 1) sum = reduce("sum", sum, axis);
  }
  return sameShape(sum.shape, input.shape) ? sum : reshape(sum, input.shape);
}
