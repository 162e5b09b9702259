/** @file Compares the operators with plain loops before anything relies on them. */
import { dequantizeNf4, narrowToBFloat16, nf4Block, quantizeNf4, writeScales } from "../../weights/index.ts";
import { differentiate } from "../gradient/differentiate.ts";
import { bf16Product, gatedUnit, gemm, type StoredMatrix } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/value.ts";
import { cutProgram } from "../onnx/program.ts";
import { createSession, type Feeds } from "../runtime/session.ts";
import { operatorDomain } from "./operators.ts";
import { type MatrixFormat, matrixFormats } from "./product-kinds.ts";

/**
 * More rows than share a panel, the last of them fewer than a tile has; more inner numbers than a panel has, in both
 * directions.
 */
const [rows, inner, columns] = [299, 576, 640];
/** Columns of thin matrices: two groups. */
const rank = 16;
/** Two roundings to 8 bits on each side of products below 1, in float32 sums, beside their root mean square. */
const tolerance = 0.05;

let known: Promise<boolean> | null = null;

/** Whether products in bfloat16 are there and right; the answer of a process stays. */
export function hasRightProducts(threads: number): Promise<boolean> {
  known ??= operatorDomain() === null ? Promise.resolve(false) : productsAreRight({ threads });
  return known;
}

/**
 * Multiplies by the operators and by loops in double precision, in every format and both directions.
 *
 * @param open opens a program; a test hands in one whose results are wrong
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
    if (!(await isRight(format, numbers, options, open).catch(() => false))) return false;
  }
  const others = [gatedUnitIsRight, thinProductsAreRight];
  for (const isOne of others) if (!(await isOne(numbers, options, open).catch(() => false))) return false;
  return true;
}

/** Columns of a thin product, of which the last task has fewer than others, and two groups of thin ones. */
const [wideColumns, thinColumns] = [176, 16];

/** 2 x^T y and its transpose. */
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

/** Of sums of 299 products below 1. */
const thinTolerance = 1e-4;

/** A count of numbers that leaves less than a round in its last task, with gates from -9 to 9. */
const unitShape = [37, 200] as const;
/** Rounding of exponentials and products in float32. */
const unitTolerance = 2e-6;

/** @source silu(x) = x sigmoid(x), and its derivative sigmoid(x) (1 + x (1 - sigmoid(x))) */
async function gatedUnitIsRight(
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
  const y = gatedUnit(gate, up);
  const gradients = differentiate(new Map([[y, seed]]), [gate, up]);
  const outputs = { y, gate: gradients.get(gate) as Value, up: gradients.get(up) as Value };
  const named = Object.entries(outputs).map(([name, value]): [string, Value] => [`out.${name}`, value]);
  const session = await open(cutProgram(new Map(named)), options);
  try {
    const feeds = {
      gate: x.slice(0, count).map((one) => 9 * one),
      ...{ up: weight.slice(0, count), seed: addend.slice(0, count) },
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

/** `y = x W^T + addend`, and of it `gx = y W` and `sum = y W + gx`. */
async function isRight(
  format: MatrixFormat,
  { x, weight, addend }: { readonly [name in "x" | "weight" | "addend"]: Float32Array },
  options: { readonly threads: number },
  open: typeof createSession,
): Promise<boolean> {
  const graph = new Graph();
  const source = graph.input("x", [rows, inner]);
  const { matrix, feeds, exact } = stored(format, graph, weight);
  const [transposed, plain] = [{ transposeB: true }, { transposeB: false }];
  const start = graph.input("addend", [rows, columns]);
  const low = graph.input("low", [rows, rank]);
  const up = { rows: low, columns: graph.input("up", [columns, rank]) };
  const down = { rows: low, columns: graph.input("down", [rank, inner]) };
  const y = bf16Product(source, matrix, transposed, { addend: start });
  const outputs = {
    ...{ y, plain: bf16Product(source, matrix, transposed), gx: bf16Product(y, matrix, plain) },
    sum: bf16Product(y, matrix, plain, { addend: source }),
    thin: bf16Product(source, matrix, transposed, { thin: up }),
    all: bf16Product(y, matrix, plain, { addend: source, thin: down }),
  };
  const session = await open(cutProgram(new Map(Object.entries(outputs))), options);
  try {
    const [wide, narrow] = [
      (): Float32Array => new Float32Array(rows * columns),
      (): Float32Array => new Float32Array(rows * inner),
    ];
    const found = { y: wide(), plain: wide(), gx: narrow(), sum: narrow(), thin: wide(), all: narrow() };
    const thin = {
      low: x.subarray(8, 8 + rows * rank),
      up: addend.subarray(16, 16 + columns * rank),
      down: addend.subarray(32, 32 + inner * rank),
    };
    await session.run({}, { x, addend, ...thin, ...feeds }, found);
    const errors = new Map(Object.keys(found).map((name) => [name, new Errors()]));
    for (let row = 0; row < rows; row++) {
      if (!isCompared(row)) continue;
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column;
        const product = dot([x, row * inner, 1], [exact, column * inner, 1], inner);
        errors.get("y")?.add(found.y[at], product + (addend[at] as number));
        errors.get("plain")?.add(found.plain[at], product);
        const more = dot([thin.low, row * rank, 1], [thin.up, column * rank, 1], rank);
        errors.get("thin")?.add(found.thin[at], product + more);
      }
      for (let column = 0; column < inner; column++) {
        const at = row * inner + column;
        const back = dot([found.y, row * columns, 1], [exact, column, inner], columns);
        errors.get("gx")?.add(found.gx[at], back);
        errors.get("sum")?.add(found.sum[at], back + (x[at] as number));
        const more = dot([thin.low, row * rank, 1], [thin.down, column, inner], rank);
        errors.get("all")?.add(found.all[at], back + more + (x[at] as number));
      }
    }
    const areFinite = Object.values(found).every((numbers) => numbers.every(Number.isFinite));
    return areFinite && [...errors.values()].every((one) => one.areSmall());
  } finally {
    await session.close();
  }
}

/** A matrix in a format: as inputs of a graph, what they are fed, and its values. */
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

/** The largest error beside the root mean square of what is expected. @source the definition of that mean */
class Errors {
  private largest = 0;
  private squares = 0;
  private count = 0;

  add(found: number | undefined, expected: number): void {
    this.largest = Math.max(this.largest, Math.abs((found ?? Number.NaN) - expected));
    this.squares += expected * expected;
    this.count++;
  }

  areSmall(): boolean {
    return this.largest <= tolerance * Math.sqrt(this.squares / this.count);
  }
}

/** Rows that are compared, since loops are slow: some of each tile's, and those that are left over at the end. */
const isCompared = (row: number): boolean => row % 13 === 0 || row >= rows - 6;

/** Numbers of an array, from a place on, each so many after the one before. */
type Numbers = readonly [numbers: Float32Array, from: number, step: number];

function dot([a, fromA, stepA]: Numbers, [b, fromB, stepB]: Numbers, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (a[fromA + k * stepA] as number) * (b[fromB + k * stepB] as number);
  return sum;
}

/** Numbers between -1 and 1, the same each time. @source Park and Miller 1988 (CACM 31, 10) */
function randomNumbers(): (count: number) => Float32Array {
  let state = 1;
  return (count) =>
    Float32Array.from({ length: count }, () => {
      state = (state * 48271) % 2147483647;
      return (2 * state) / 2147483647 - 1;
    });
}
