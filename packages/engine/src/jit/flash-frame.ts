/**
 * @file Where the kernels of attention keep their facts: those of a run, and those of a task on its thread's stack.
 */
import {
  ComputeFunction,
  type ContextFunctions,
  restoreRegisters,
  saveRegisters,
  word,
} from "./operator-code.ts";
import type { Address, Assembler, Label, Register } from "./x64.ts";

/** Lanes of a block: queries or keys that are worked on side by side, in three vectors. */
export const laneCount = 48;
/** Vectors of a row of lanes. */
export const laneVectors: number = laneCount / 16;
/** Bytes of a row of lanes. */
export const laneBytes: number = 4 * laneCount;
/** Rows of the other side that are worked on at once. */
export const chunkRows = 64;
/** Rows of a tile of a product; head widths are multiples of it. */
export const tileRows = 8;
/** Largest head width that the stack's room is made for. */
export const maxWidth = 256;

/** Inputs of the operators, in order; those from `keyBlocks` on belong to the gradient alone. */
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

/** Inputs of the forward operator. */
export const forwardInputs = 9;

/** Sizes of a run, in the order of the operators' input: N, H, K, E, and how many blocks the tables have. */
export const sizeNames = ["tokens", "heads", "kvHeads", "width", "queryCount", "keyCount"] as const;

/** Floats that the kernels are given: see `attentionNumbers`. */
export const numberNames = ["score", "cap", "slope"] as const;

/** What a pass works on, set before its tasks are spread; strides in bytes. */
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

/** A fact at a base: `rsp` in the compute function, where they lie, `rbx` in tasks. */
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

/** Looks up the first `count` inputs, and takes the sizes apart. */
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

/** An output of the shape `[rows, columns]`, each a product of facts and a factor. */
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

/** Sets facts to others, or to a product of them. */
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

/** Runs as many tasks as the fact says. */
export function emitSpread(code: Assembler, compute: ComputeFunction, task: Label): void {
  code.load("rdx", fact("rsp", "tasks"));
  compute.spread(task);
}

/** Places on a task's stack, in bytes from `rsp` on: words, vectors of lanes, single numbers. */
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

/** A few lines more than a power of two between matrices, so that they do not fall on each other in the cache. */
const gapBytes = 320;
const matrixBytes = maxWidth * laneBytes + gapBytes;
const scoreBytes = chunkRows * laneBytes + gapBytes;
const matrixStart = 1280;

/** Matrices on a task's stack, each of rows of lanes. */
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
 * A matrix on a task's stack: both sides in lanes, results, scores, products with the second matrix, and a chunk of the
 * other side in bfloat16.
 */
export type TaskMatrix = "laneX" | "laneY" | "outX" | "outY" | "scores" | "second" | "narrow";

/** Its address. */
export function taskMatrix(name: TaskMatrix): Address {
  return { base: "rsp", offset: matrices[name] };
}

const lineBytes = 64;
/** Two bytes a number. */
const narrowBytes = 2 * chunkRows * maxWidth;
const taskBytes = Math.ceil((matrices.narrow + narrowBytes) / lineBytes) * lineBytes;

/** A word, a vector of lanes or a number on a task's stack. */
export type Place =
  | ("stack" | "head" | "first" | "count" | "span" | "spanEnd" | "from" | "to" | "base" | "rows" | "group")
  | ("maximum" | "sum" | "factor" | "delta" | "lanes" | "numbers" | "window" | "hidden");

/** Its address. */
export function place(name: Place, offset = 0): Address {
  return { base: "rsp", offset: places[name] + offset };
}

/** Emits a task: facts in `rbx`, its number in `rsi`, its own room at `rsp`, on a cache line. */
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
