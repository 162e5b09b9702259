/**
 * @file Memory layout of the attention kernels: the facts of a run, and the values of a task on its thread's stack.
 */
import {
  ComputeFunction,
  type ContextFunctions,
  restoreRegisters,
  saveRegisters,
  word,
} from "./operator-code.ts";
import type { Address, Assembler, Label, Register } from "./x64.ts";

/** Lanes per block: queries or keys processed in parallel, in three vectors. */
export const laneCount = 48;
/** Vectors per row of lanes. */
export const laneVectors: number = laneCount / 16;
/** Bytes per row of lanes. */
export const laneBytes: number = 4 * laneCount;
/** Rows of the other, streamed side processed at once. */
export const chunkRows = 64;
/** Rows per product tile; head widths are multiples of it. */
export const tileRows = 8;
/** Maximum head width; determines the size of a task's stack frame. */
export const maxWidth = 256;

/** Inputs of the operators, in order; those from `keyBlocks` on belong to the gradient only. */
export const inputNames = [
  "query",
  "key",
  "value",
  "sizes",
  "numbers",
  "window",
  "segments",
  "queryBlocks",
  "querySpans",
  "keyBlocks",
  "keySpans",
  "gradient",
  "result",
  "statistics",
] as const;

/** Number of inputs of the forward operator. */
export const forwardInputs = 9;

/** Sizes of a run, in the order of the input `sizes`: N, H, K, E, and the numbers of query and key blocks. */
export const sizeNames = ["tokens", "heads", "kvHeads", "width", "queryCount", "keyCount"] as const;

/** Names of the floats in the input `numbers`; see `attentionNumbers`. */
export const numberNames = ["score", "cap", "slope"] as const;

/** Facts that a pass reads, set before its tasks start; strides are in bytes. */
const roles: readonly Fact[] = [
  ...(["streamX", "streamY", "laneX", "laneY", "outX", "outY", "streamStride", "laneStride"] as const),
  ...(["blocks", "spans", "taskHeads", "headBytes", "group", "tasks"] as const),
];
const results: readonly Fact[] = [
  "forward",
  "forwardStatistics",
  "queryGradient",
  "keyGradient",
  "valueGradient",
  "deltas",
];
const temporary: readonly Fact[] = ["shape0", "shape1"];

const factNames: readonly string[] = [...inputNames, ...sizeNames, ...roles, ...results, ...temporary];

/** A fact of a run. */
export type Fact =
  | (typeof inputNames)[number]
  | (typeof sizeNames)[number]
  | ("streamX" | "streamY" | "laneX" | "laneY" | "outX" | "outY" | "streamStride" | "laneStride")
  | ("blocks" | "spans" | "taskHeads" | "headBytes" | "group" | "tasks")
  | ("forward" | "forwardStatistics" | "queryGradient" | "keyGradient" | "valueGradient" | "deltas")
  | ("shape0" | "shape1");

const wordOf = (name: Fact): number => factNames.indexOf(name);

/** Address of a fact. The base is `rsp` in the compute function, `rbx` in tasks. */
export function fact(base: Register, name: Fact): Address {
  return word(base, wordOf(name));
}

/** Emits a compute function that gathers the facts; returns its label. */
export function emitCompute(
  code: Assembler,
  functions: ContextFunctions,
  body: (compute: ComputeFunction) => void,
): Label {
  return ComputeFunction.emit(code, functions, factNames.length, body);
}

/** Stores the addresses of the first `count` inputs, and the sizes, as facts. */
export function emitInputs(code: Assembler, compute: ComputeFunction, count: number): void {
  for (const [index, name] of inputNames.slice(0, count).entries()) compute.input(index, wordOf(name));
  code.load("rcx", fact("rsp", "sizes"));
  for (const [at, name] of sizeNames.entries()) {
    code.load("rax", word("rcx", at));
    code.store(fact("rsp", name), "rax");
  }
  // group = H / K, headBytes = 4 E
  code.load("rax", fact("rsp", "heads"));
  code.constant("rdx", 0n);
  code.load("rcx", fact("rsp", "kvHeads"));
  code.divide("rcx");
  code.store(fact("rsp", "group"), "rax");
  code.load("rax", fact("rsp", "width"));
  code.shiftLeft("rax", 2);
  code.store(fact("rsp", "headBytes"), "rax");
}

/** Allocates an output of shape `[rows, columns]`; each axis is a product of facts and numbers. */
export function emitOutput(
  code: Assembler,
  compute: ComputeFunction,
  at: number,
  given: { readonly to: Fact; readonly shape: readonly (readonly (Fact | number)[])[] },
): void {
  for (const [axis, factors] of given.shape.entries()) {
    code.constant("rax", 1n);
    for (const factor of factors) {
      if (typeof factor === "number") code.multiplyBy("rax", factor);
      else {
        code.load("rcx", fact("rsp", factor));
        code.multiply("rax", "rcx");
      }
    }
    code.store(fact("rsp", axis === 0 ? "shape0" : "shape1"), "rax");
  }
  code.address("rbp", fact("rsp", "shape0"));
  compute.output(at, given.shape.length, wordOf(given.to));
}

/** Sets facts to products of other facts. */
export function emitRoles(code: Assembler, given: Readonly<Partial<Record<Fact, readonly Fact[]>>>): void {
  for (const [role, [first, ...factors]] of Object.entries(given) as [Fact, Fact[]][]) {
    code.load("rax", fact("rsp", first as Fact));
    for (const factor of factors) {
      code.load("rcx", fact("rsp", factor));
      code.multiply("rax", "rcx");
    }
    code.store(fact("rsp", role), "rax");
  }
}

/** Runs the number of tasks in the fact `tasks`. */
export function emitSpread(code: Assembler, compute: ComputeFunction, task: Label): void {
  code.load("rdx", fact("rsp", "tasks"));
  compute.spread(task);
}

/** Byte offsets from `rsp` of a task's values on the stack: words, vectors of lanes, single numbers. */
const places = {
  stack: 0,
  head: 8,
  first: 16,
  count: 24,
  span: 32,
  spanEnd: 40,
  from: 64,
  to: 72,
  base: 80,
  rows: 88,
  group: 96,
  maximum: 256,
  sum: 448,
  factor: 640,
  delta: 832,
  lanes: 1024,
  numbers: 1216,
  window: 1232,
  hidden: 1236,
} as const;

/** Gap between matrices, so that their distance is not a power of two and they do not conflict in the cache. */
const gapBytes = 320;
const matrixBytes = maxWidth * laneBytes + gapBytes;
const scoreBytes = chunkRows * laneBytes + gapBytes;
const matrixStart = 1280;

/** Byte offsets of the matrices on a task's stack, which consist of rows of lanes. */
const matrices = {
  laneX: matrixStart,
  laneY: matrixStart + matrixBytes,
  outX: matrixStart + 2 * matrixBytes,
  outY: matrixStart + 3 * matrixBytes,
  scores: matrixStart + 4 * matrixBytes,
  second: matrixStart + 4 * matrixBytes + scoreBytes,
  narrow: matrixStart + 4 * matrixBytes + 2 * scoreBytes,
} as const;

/**
 * A matrix on a task's stack: the two matrices in lanes, the results, scores, products with the second matrix, and a
 * chunk of the streamed side in bfloat16.
 */
export type TaskMatrix = "laneX" | "laneY" | "outX" | "outY" | "scores" | "second" | "narrow";

/** Address of a matrix. */
export function taskMatrix(name: TaskMatrix): Address {
  return { base: "rsp", offset: matrices[name] };
}

const lineBytes = 64;
/** Two bytes per number. */
const narrowBytes = 2 * chunkRows * maxWidth;
const taskBytes = Math.ceil((matrices.narrow + narrowBytes) / lineBytes) * lineBytes;

/** Name of a word, a vector of lanes or a number on a task's stack. */
export type Place =
  | ("stack" | "head" | "first" | "count" | "span" | "spanEnd" | "from" | "to" | "base" | "rows" | "group")
  | ("maximum" | "sum" | "factor" | "delta" | "lanes" | "numbers" | "window" | "hidden");

/** Address of a value on a task's stack. */
export function place(name: Place, offset = 0): Address {
  return { base: "rsp", offset: places[name] + offset };
}

/** Emits a task: facts in `rbx`, number of the task in `rsi`, cache-aligned stack frame at `rsp`. */
export function emitTask(code: Assembler, body: () => void): void {
  saveRegisters(code);
  code.move("rbx", "rdi");
  code.move("rax", "rsp");
  code.subtract("rsp", taskBytes);
  code.and("rsp", -lineBytes);
  code.store(place("stack"), "rax");
  body();
  code.zeroUpper();
  code.load("rsp", place("stack"));
  restoreRegisters(code);
}
