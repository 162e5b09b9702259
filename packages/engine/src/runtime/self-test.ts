/** @file Compares the engine's own operators with plain loops before they are used. */
import { arch, platform } from "node:os";
import { mulberry32 } from "@tunewise/core/math";
import { differentiate } from "../gradient/differentiate.ts";
import { bf16Product, gemm, type StoredMatrix, swiglu } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import { type MatrixFormat, matrixFormats, type ProductKind, productName } from "../jit/operator-kinds.ts";
import { operatorDomain } from "../jit/operators.ts";
import { isSupportedPlatform, vectorFeatures } from "../jit/processor.ts";
import { native } from "../native/runtime.ts";
import { cutProgram } from "../onnx/program.ts";
import {
  dequantizeNf4,
  narrowToBFloat16,
  nf4Block,
  quantizeNf4,
  widenBFloat16,
  writeScales,
} from "../weights/index.ts";
import { pagedAttentionIsRight } from "./paged-self-test.ts";
import { createSession, type Feeds } from "./session.ts";

/** Both larger than a panel's inner size, because each is the inner size in one direction. */
const [inner, columns] = [576, 640];
/** Maximum number of rows: enough for two tasks. */
const rows = 397;
/**
 * Columns of thin matrices, and numbers of rows, by format. They cover several tasks, different numbers of rows after
 * the last complete tile (6 rows, or 4 for few rows), and thin matrices smaller than an iteration of `Narrow`.
 */
const shapes: Readonly<
  Record<
    MatrixFormat,
    { readonly rank: number; readonly rows: readonly number[]; readonly transposedRows: readonly number[] }
  >
> = {
  bfloat16: { rank: 8, rows: [298], transposedRows: [397, 8, 6] },
  float32: { rank: 16, rows: [299], transposedRows: [200, 11] },
  nf4: { rank: 24, rows: [294], transposedRows: [201, 5] },
};
/** Maximum error relative to the root mean square of the results: factors are rounded to 8 bits, sums are float32. */
const tolerance = 0.05;

let known: Promise<string | null> | null = null;

/** The reason why this machine cannot use bfloat16 products; `null` if it can. Determined once per process. */
export function whyNotBf16(threads: number): Promise<string | null> {
  known ??= obstacle(threads);
  return known;
}

async function obstacle(threads: number): Promise<string | null> {
  native(); // throws if the runtime does not load, which has nothing to do with precision
  if (!isSupportedPlatform()) return `this is ${platform()} on ${arch()}, and they need linux on x64`;
  if (!vectorFeatures().bf16) return "this processor lacks AVX512-BF16";
  if (operatorDomain() === null) return "the system or ONNX Runtime refuses their machine code";
  return (await productsAreRight({ threads })) ? null : "their results differ from those of plain loops";
}

/**
 * Compares the operators with loops in double precision, for every format and both directions.
 *
 * @param open opens a program; a test passes one that returns wrong results
 */
export async function productsAreRight(
  options: { readonly threads: number },
  open: typeof createSession = createSession,
): Promise<boolean> {
  const random = randomNumbers();
  const numbers = {
    x: random(rows * inner),
    weight: random(columns * inner),
    addend: random(rows * columns),
  };
  for (const format of matrixFormats) {
    for (const transposed of [true, false]) {
      for (const rows of shapes[format][transposed ? "transposedRows" : "rows"]) {
        const shape = { format, transposed, rows };
        if (!(await directionIsRight(shape, numbers, options, open).catch(() => false))) return false;
      }
    }
  }
  const others = [swigluIsRight, thinProductsAreRight];
  for (const isOne of others) if (!(await isOne(numbers, options, open).catch(() => false))) return false;
  return pagedAttentionIsRight(options, open).catch(() => false);
}

/** Columns of a thin product: wide ones that are not a multiple of a task's, and two groups of thin ones. */
const [wideColumns, thinColumns] = [176, 16];

/** Tests 2 x^T y and its transpose. */
async function thinProductsAreRight(
  { x, weight }: { readonly [name in "x" | "weight"]: Float32Array },
  options: { readonly threads: number },
  open: typeof createSession,
): Promise<boolean> {
  const graph = new Graph();
  const [wide, thin] = [graph.input("wide", [rows, wideColumns]), graph.input("thin", [rows, thinColumns])];
  const how = { transposeA: true, alpha: 2, thin: true };
  const outputs = { plain: gemm(wide, thin, how), transposed: gemm(thin, wide, how) };
  const session = await open(cutProgram(new Map(Object.entries(outputs))), options);
  try {
    const feeds = { wide: x.subarray(0, rows * wideColumns), thin: weight.subarray(0, rows * thinColumns) };
    const size = wideColumns * thinColumns;
    const found = { plain: new Float32Array(size), transposed: new Float32Array(size) };
    await session.run({}, feeds, found);
    return found.plain.every((one, at) => {
      const [column, r] = [Math.floor(at / thinColumns), at % thinColumns];
      let right = 0;
      for (let row = 0; row < rows; row++) {
        right +=
          2 *
          (feeds.wide[row * wideColumns + column] as number) *
          (feeds.thin[row * thinColumns + r] as number);
      }
      const other = found.transposed[r * wideColumns + column] as number;
      return Math.abs(one - right) < thinTolerance && Math.abs(other - right) < thinTolerance;
    });
  } finally {
    await session.close();
  }
}

/** Absolute error of sums of 397 products below 2. */
const thinTolerance = 1e-4;

/** Shape whose last task ends with an incomplete iteration; gates range from -9 to 9. */
const unitShape = [37, 200] as const;
/** Relative error from rounding of exponentials and products in float32. */
const unitTolerance = 2e-6;

/** @source silu(x) = x sigmoid(x), and its derivative sigmoid(x) (1 + x (1 - sigmoid(x))) */
async function swigluIsRight(
  { x, weight, addend }: { readonly [name in "x" | "weight" | "addend"]: Float32Array },
  options: { readonly threads: number },
  open: typeof createSession,
): Promise<boolean> {
  const count = unitShape[0] * unitShape[1];
  const graph = new Graph();
  const [gate, up, seed] = ["gate", "up", "seed"].map((name) => graph.input(name, unitShape)) as [
    Value,
    Value,
    Value,
  ];
  const y = swiglu(gate, up);
  const gradients = differentiate(new Map([[y, seed]]), [gate, up]);
  const outputs = { y, gate: gradients.get(gate) as Value, up: gradients.get(up) as Value };
  const named = Object.entries(outputs).map(([name, value]): [string, Value] => [`out.${name}`, value]);
  const session = await open(cutProgram(new Map(named)), options);
  try {
    const feeds = {
      gate: rounded(x.subarray(0, count).map((one) => 9 * one)),
      up: rounded(weight.subarray(0, count)),
      seed: addend.slice(0, count),
    };
    const found = Object.fromEntries(named.map(([name]) => [name, new Float32Array(count)]));
    await session.run({}, feeds, found);
    return feeds.gate.every((value, at) => {
      const [u, g] = [feeds.up[at] as number, feeds.seed[at] as number];
      const sigmoid = 1 / (1 + Math.exp(-value));
      const expected = {
        "out.y": value * sigmoid * u,
        "out.gate": g * u * sigmoid * (1 + value * (1 - sigmoid)),
        "out.up": g * value * sigmoid,
      };
      return Object.entries(expected).every(
        ([name, right]) =>
          Math.abs((found[name]?.[at] as number) - right) <= unitTolerance * (1 + Math.abs(value)),
      );
    });
  } finally {
    await session.close();
  }
}

/** Rounds numbers to bfloat16 precision. */
function rounded(values: Float32Array): Float32Array {
  return widenBFloat16(new Uint8Array(narrowToBFloat16(values).buffer));
}

/** Tests the products of a format in one direction, `x W^T` or `g W`, with and without addend and thin matrices. */
async function directionIsRight(
  { format, transposed, rows }: Pick<ProductKind, "format" | "transposed"> & { readonly rows: number },
  { x, weight, addend }: { readonly [name in "x" | "weight" | "addend"]: Float32Array },
  options: { readonly threads: number },
  open: typeof createSession,
): Promise<boolean> {
  const { rank } = shapes[format];
  const [from, to] = transposed ? [inner, columns] : [columns, inner];
  const graph = new Graph();
  const source = graph.input("source", [rows, from]);
  const start = graph.input("start", [rows, to]);
  const { matrix, feeds, exact } = stored(format, graph, weight);
  const thin = {
    rows: graph.input("low", [rows, rank]),
    columns: graph.input("thin", transposed ? [to, rank] : [rank, to]),
  };
  const outputs = new Map<string, Value>();
  const added: { name: string; addend: boolean; thin: boolean }[] = [];
  for (const hasAddend of [true, false]) {
    for (const hasThin of [true, false]) {
      const name = productName({ format, transposed, hasAddend, hasThin });
      const more = { ...(hasAddend && { addend: start }), ...(hasThin && { thin }) };
      outputs.set(name, bf16Product(source, matrix, { transposeB: transposed }, more));
      added.push({ name, addend: hasAddend, thin: hasThin });
    }
  }
  const session = await open(cutProgram(outputs), options);
  try {
    const given = {
      source: (transposed ? x : addend).subarray(0, rows * from),
      start: (transposed ? addend : x).subarray(0, rows * to),
      low: x.subarray(8, 8 + rows * rank),
      thin: addend.subarray(16, 16 + to * rank),
    };
    const found = Object.fromEntries(added.map(({ name }) => [name, new Float32Array(rows * to)]));
    await session.run({}, { ...given, ...feeds }, found);
    const errors = added.map((one) => ({ ...one, errors: new Errors() }));
    for (let row = 0; row < rows; row++) {
      if (!isCompared(row, rows)) continue;
      const product = multiplied(given.source.subarray(row * from, (row + 1) * from), exact, to, transposed);
      const low = given.low.subarray(row * rank, (row + 1) * rank);
      const thinProduct = multiplied(low, given.thin, to, transposed);
      for (const { name, addend, thin, errors: one } of errors) {
        const numbers = found[name] as Float32Array;
        for (let column = 0; column < to; column++) {
          const at = row * to + column;
          const more =
            (addend ? (given.start[at] as number) : 0) + (thin ? (thinProduct[column] as number) : 0);
          one.add(numbers[at] as number, (product[column] as number) + more);
        }
      }
    }
    const areFinite = Object.values(found).every((numbers) => numbers.every(Number.isFinite));
    return areFinite && errors.every((one) => one.errors.areSmall());
  } finally {
    await session.close();
  }
}

/** A matrix in a format: its graph inputs, the data for these inputs, and its values as float32. */
function stored(
  format: MatrixFormat,
  graph: Graph,
  weight: Float32Array,
): { readonly matrix: StoredMatrix; readonly feeds: Feeds; readonly exact: Float32Array } {
  if (format !== "nf4") {
    const values = graph.input("w", [columns, inner], format);
    const w = format === "float32" ? weight : narrowToBFloat16(weight);
    return { matrix: { values }, feeds: { w }, exact: weight };
  }
  const tensor = quantizeNf4(weight, false);
  const scales = new Float32Array(weight.length / nf4Block);
  writeScales(tensor.scales, scales);
  const matrix = {
    values: graph.input("w", [columns, inner / 2], "uint8"),
    scales: graph.input("s", [columns, inner / nf4Block]),
  };
  return { matrix, feeds: { w: tensor.codes, s: scales }, exact: dequantizeNf4(tensor, weight.length) };
}

/** Compares the largest error with the root mean square of the expected values. @source the definition of that mean */
class Errors {
  private largest = 0;
  private squares = 0;
  private count = 0;

  add(found: number, expected: number): void {
    this.largest = Math.max(this.largest, Math.abs(found - expected));
    this.squares += expected * expected;
    this.count++;
  }

  areSmall(): boolean {
    return this.largest <= tolerance * Math.sqrt(this.squares / this.count);
  }
}

/** Whether a row is compared. Loops are slow, so only every 13th row and the last ones are. */
const isCompared = (row: number, rows: number): boolean => row % 13 === 0 || row >= rows - 6;

/** `x W`, or `x W^T`. Both loops follow the rows of W, which the processor can prefetch. */
function multiplied(x: Float32Array, w: Float32Array, to: number, transposed: boolean): Float64Array {
  const product = new Float64Array(to);
  const [rows, width] = transposed ? [to, x.length] : [x.length, to];
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    if (transposed) {
      let sum = 0;
      for (let at = 0; at < width; at++) sum += (x[at] as number) * (w[start + at] as number);
      product[row] = sum;
    } else {
      const factor = x[row] as number;
      for (let at = 0; at < width; at++)
        product[at] = (product[at] as number) + factor * (w[start + at] as number);
    }
  }
  return product;
}

/** A generator of reproducible numbers between -1 and 1. */
function randomNumbers(): (count: number) => Float32Array {
  const uniform = mulberry32(1);
  return (count) => new Float32Array(count).map(() => 2 * uniform() - 1);
}
