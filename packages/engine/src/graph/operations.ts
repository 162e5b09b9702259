/**
 * @file The table of operations: inputs, attributes and shape inference.
 *
 * A new operation is one name in `value.ts`, one row in this table, one row in `gradient/table.ts` and one in
 * `onnx/lowering.ts`; a missing row does not compile.
 */
import { broadcastShapes, type Dim, sameShape, shapeText } from "./shape.ts";
import type { Attributes, ElementType, OperationName, Value } from "./value.ts";

/** A row of the table. */
export interface Operation {
  /** Shape and type of the result; throws on mismatched inputs, which is an internal error. */
  readonly infer: (
    inputs: readonly Value[],
    attributes: Attributes,
  ) => { shape: readonly Dim[]; type?: ElementType };
}

const same: Operation = { infer: ([x]) => ({ shape: need(x).shape }) };
const broadcast: Operation = {
  infer: ([a, b]) => ({ shape: broadcastShapes(need(a).shape, need(b).shape) }),
};

const reduce: Operation = {
  infer: ([x], { axis }) => ({ shape: need(x).shape.map((dim, at) => (at === axis ? 1 : dim)) }),
};

/** An operation that changes one axis to the size named in the attributes. */
const resized: Operation = {
  infer: ([x], { axis, size }) => ({
    shape: need(x).shape.map((dim, at) => (at === axis ? (size as Dim) : dim)),
  }),
};

/** All operations by name. */
export const operations: Readonly<Record<OperationName, Operation>> = {
  add: broadcast,
  subtract: broadcast,
  multiply: broadcast,
  gemm: { infer: inferGemm },
  matmul: { infer: inferMatmul },
  narrow: { infer: ([x]) => ({ shape: need(x).shape, type: "bfloat16" }) },
  widen: {
    infer: ([x]) => {
      expect(need(x).type === "bfloat16", "widen", [x]);
      return { shape: need(x).shape };
    },
  },
  "bf16-product": {
    infer: ([x, matrix, scales], { transposeB }) => {
      const [rows, inner] = need(x).shape;
      const [height, stored] = need(matrix).shape;
      const width = need(matrix).type === "uint8" ? 2 * (stored as number) : stored;
      const isScaled = need(matrix).type !== "uint8" || need(scales).shape[1] === (width as number) / 64;
      const fits = inner === (transposeB ? width : height);
      expect(need(x).type === "bfloat16" && fits && isScaled, "bf16-product", [x, matrix]);
      return { shape: [need(rows), need(transposeB ? height : width)] };
    },
  },
  swiglu: {
    infer: ([gate, up]) => {
      const isNarrow = need(gate).type === "bfloat16" && need(up).type === "bfloat16";
      expect(isNarrow && sameShape(need(gate).shape, need(up).shape), "swiglu", [gate, up]);
      return { shape: need(gate).shape };
    },
  },
  "swiglu-gradient": same,
  "swiglu-up-gradient": same,
  reshape: { infer: (_, { shape }) => ({ shape: shape as readonly Dim[] }) },
  transpose: {
    infer: ([x], { permutation }) => ({
      shape: (permutation as readonly number[]).map((axis) => need(need(x).shape[axis])),
    }),
  },
  softmax: same,
  attention: same,
  "block-attention": {
    infer: ([query, key, value], { heads, kvHeads, width }) => {
      const fits = [query, key, value].map((one, at) => {
        const [tokens, columns] = need(one).shape;
        const own = at === 0 ? (heads as number) : (kvHeads as number);
        return tokens === need(query).shape[0] && columns === own * (width as number);
      });
      expect(!fits.includes(false), "block-attention", [query, key, value]);
      return { shape: need(query).shape };
    },
  },
  "paged-attention": {
    infer: ([query, key, value, cacheKey, cacheValue, lengths], { heads, kvHeads, width }) => {
      const [rows, columns] = need(query).shape;
      const own = [key, value].map((one) => need(one).shape);
      const cached = [cacheKey, cacheValue].map((one) => need(one).shape.slice(2));
      const fits =
        columns === (heads as number) * (width as number) &&
        own.every(([count, size]) => count === rows && size === (kvHeads as number) * (width as number)) &&
        cached.every(([first, , last]) => first === kvHeads && last === width) &&
        [cacheKey, cacheValue].every((one) => need(one).type === "bfloat16");
      expect(fits, "paged-attention", [query, key, value, cacheKey, cacheValue, lengths]);
      return { shape: need(query).shape };
    },
  },
  "attention-statistics": {
    infer: ([mixed]) => {
      expect(need(mixed).op === "block-attention", "attention-statistics", [mixed]);
      return { shape: [2 * (need(mixed).attributes["heads"] as number), need(need(mixed).shape[0])] };
    },
  },
  "block-attention-gradient": { infer: ([, , , query]) => ({ shape: need(query).shape }) },
  "attention-key-gradient": { infer: ([gradient]) => ({ shape: need(need(gradient).inputs[4]).shape }) },
  "attention-value-gradient": { infer: ([gradient]) => ({ shape: need(need(gradient).inputs[5]).shape }) },
  "rms-norm": {
    infer: ([x, weight]) => {
      expect(need(weight).shape[0] === need(x).shape.at(-1), "rms-norm", [x, weight]);
      return { shape: need(x).shape };
    },
  },
  "inverse-rms": {
    infer: ([norm]) => {
      expect(need(norm).op === "rms-norm", "inverse-rms", [norm]);
      return { shape: [...need(norm).shape.slice(0, -1), 1] };
    },
  },
  silu: same,
  gelu: same,
  "gelu-tanh": same,
  sigmoid: same,
  tanh: same,
  log: same,
  exponential: same,
  erf: same,
  reciprocal: same,
  "square-root": same,
  rotate: same,
  "take-rows": {
    infer: ([x, index]) => {
      expect(need(index).type === "int64" && need(index).shape.length === 1, "take-rows", [x, index]);
      return { shape: [need(need(index).shape[0]), ...need(x).shape.slice(1)] };
    },
  },
  "take-along": {
    infer: ([x, index]) => {
      expect(need(index).type === "int64" && need(x).shape.length === 2, "take-along", [x, index]);
      return { shape: [need(need(x).shape[0]), 1] };
    },
  },
  sum: reduce,
  mean: reduce,
  center: same,
  largest: same,
  maximum: reduce,
  concat: resized,
  slice: resized,
  pad: resized,
};

/** `alpha * op(a) op(b) + c` on matrices; `c` has the shape of the result. */
function inferGemm(inputs: readonly Value[], attributes: Attributes): { shape: readonly Dim[] } {
  const [a, b, c] = inputs;
  const [rows, left] = oriented(need(a).shape, attributes["transposeA"] === true);
  const [right, columns] = oriented(need(b).shape, attributes["transposeB"] === true);
  expect(left === right, "gemm", [a, b]);
  const shape = [rows, columns];
  if (c) expect(sameShape(c.shape, shape), "gemm addend", [a, b, c]);
  return { shape };
}

/** Batched product over the last two axes, leading axes broadcast. */
function inferMatmul([a, b]: readonly Value[], attributes: Attributes): { shape: readonly Dim[] } {
  const [rows, left] = oriented(need(a).shape.slice(-2), attributes["transposeA"] === true);
  const [right, columns] = oriented(need(b).shape.slice(-2), attributes["transposeB"] === true);
  expect(left === right, "matmul", [a, b]);
  return {
    shape: [...broadcastShapes(need(a).shape.slice(0, -2), need(b).shape.slice(0, -2)), rows, columns],
  };
}

function oriented(matrix: readonly Dim[], transposed: boolean): [Dim, Dim] {
  const [rows, columns] = matrix;
  return transposed ? [need(columns), need(rows)] : [need(rows), need(columns)];
}

function need<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error("Internal: an operation lacks an input or an axis");
  return item;
}

function expect(holds: boolean, op: string, inputs: readonly (Value | undefined)[]): void {
  if (holds) return;
  const shapes = inputs.map((value) => shapeText(need(value).shape)).join(" and ");
  throw new Error(`Internal: ${op} cannot take shapes ${shapes}`);
}
