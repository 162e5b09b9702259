/**
 * @file Machine code for SwiGLU, silu(gate) up, and its gradient.
 *
 * One pass over the numbers replaces a dozen passes of single operations. Gate and up are bfloat16, the format in which
 * they are retained for the backward pass.
 *
 * @source Shazeer 2020 (arXiv 2002.05202), section 2, SwiGLU; silu(x) = x / (1 + exp(-x))
 */
import { emitWidened } from "./dot-code.ts";
import { emitConstant, emitPower, emitPowerConstants, values } from "./flash-softmax.ts";
import { ComputeFunction, type ContextFunctions, word } from "./operator-code.ts";
import type { Address, Assembler, Label, Register } from "./x64.ts";

/** Numbers per iteration: as many vectors as `emitPower` processes at once. */
const roundNumbers = 16 * values.length;
/** Numbers per task. */
const taskNumbers = 128 * roundNumbers; // inputs have at least one iteration's numbers

const facts = { gate: 0, up: 1, seed: 2, result: 3, second: 4, count: 5, sizes: 6 };

/** First of three vector registers each: gates, and two groups of temporaries. */
const [gates, first, second] = [16, 19, 22];
const [one, negative] = [30, 31];

const each = (visit: (at: number, value: number) => void): void => {
  for (const [at, value] of values.entries()) visit(at, value);
};
const numbers = (base: Register, at: number): Address => ({ base, index: "rax", scale: 4, offset: 64 * at });

/** Loads a vector of bfloat16 numbers as float32. */
function emitWiden(code: Assembler, to: number, base: Register, at: number): void {
  emitWidened(code, to, { base, index: "rax", scale: 2, offset: 32 * at });
}

/** Emits `SwiGLU(gate, up, sizes [M, F]) -> [M, F]`; returns the label of its compute function. */
export function emitSwiGLU(code: Assembler, functions: ContextFunctions): Label {
  const task = emitTask(code, () => {
    each((at, value) => code.vector("vmulps", value, gates + at, value));
    each((at) => emitWiden(code, first + at, "r9", at));
    each((at, value) => code.vector("vmulps", value, first + at, value));
    each((at, value) => code.vector("store", value, numbers("r11", at)));
  });
  return emitCompute(code, functions, task, false);
}

/**
 * Emits `SwiGLUGradient(seed, gate, up, sizes) -> gate's, up's`, each `[M, F]`. With s = gate sigmoid(gate), the
 * gradients are seed up sigmoid(gate) (1 + gate - s), and seed s.
 */
export function emitSwiGLUGradient(code: Assembler, functions: ContextFunctions): Label {
  const task = emitTask(code, () => {
    each((at, value) => code.vector("vmulps", first + at, gates + at, value)); // s
    each((at) => code.vector("vsubps", gates + at, first + at, gates + at));
    each((at) => code.vector("vaddps", gates + at, one, gates + at));
    each((at, value) => code.vector("vmulps", value, gates + at, value));
    each((at) => code.vector("load", second + at, numbers("r10", at))); // seed
    each((at, value) => code.vector("vmulps", value, second + at, value));
    each((at) => emitWiden(code, gates + at, "r9", at)); // up
    each((at, value) => code.vector("vmulps", value, gates + at, value));
    each((at) => code.vector("vmulps", first + at, second + at, first + at));
    each((at, value) => code.vector("store", value, numbers("r11", at)));
    each((at) => code.vector("store", first + at, numbers("rdx", at)));
  });
  return emitCompute(code, functions, task, true);
}

/** Emits a task that runs `body` per iteration, with the gates and their sigmoids in registers. */
function emitTask(code: Assembler, body: () => void): Label {
  const [task, round, last, done] = [code.label(), code.label(), code.label(), code.label()];
  code.bind(task);
  // rdi: facts, rsi: number of the task
  code.multiplyBy("rsi", taskNumbers);
  code.load("rcx", word("rdi", facts.count));
  for (const [register, fact] of [
    ["r8", facts.gate] as const,
    ["r9", facts.up] as const,
    ["r10", facts.seed] as const,
    ["r11", facts.result] as const,
    ["rdx", facts.second] as const,
  ]) {
    code.load(register, word("rdi", fact));
  }
  code.address("rdi", { base: "rsi", offset: taskNumbers });
  code.compare("rdi", "rcx");
  code.moveIf("less", "rcx", "rdi");
  code.subtract("rcx", roundNumbers); // start of the last iteration
  emitPowerConstants(code);
  emitConstant(code, one, 1);
  emitConstant(code, negative, -Math.LOG2E);
  code.move("rax", "rsi");
  code.bind(round);
  code.compare("rcx", "rax");
  code.jumpIf("less", last);
  emitRound(code, body);
  code.add("rax", roundNumbers);
  code.jump(round);
  code.bind(last);
  // the rest is processed by an iteration that ends with the last number and overlaps the one before
  code.address("rdi", { base: "rcx", offset: roundNumbers });
  code.compare("rax", "rdi");
  code.jumpIf("equal", done);
  code.move("rax", "rcx");
  emitRound(code, body);
  code.bind(done);
  code.zeroUpper();
  code.return();
  return task;
}

function emitRound(code: Assembler, body: () => void): void {
  each((at) => emitWiden(code, gates + at, "r8", at));
  each((at, value) => code.vector("vmulps", value, negative, gates + at));
  emitPower(code);
  each((_, value) => code.vector("vaddps", value, one, value));
  each((_, value) => code.vector("vdivps", value, value, one));
  body();
}

function emitCompute(code: Assembler, functions: ContextFunctions, task: Label, isGradient: boolean): Label {
  return ComputeFunction.emit(code, functions, Object.keys(facts).length, (compute) => {
    const inputs = isGradient ? (["seed", "gate", "up"] as const) : (["gate", "up"] as const);
    for (const [index, name] of inputs.entries()) compute.input(index, facts[name]);
    compute.input(inputs.length, facts.sizes);
    code.load("rbp", word("rsp", facts.sizes));
    compute.output(0, 2, facts.result);
    if (isGradient) compute.output(1, 2, facts.second);
    code.load("rax", word("rbp", 0));
    code.load("rcx", word("rbp", 1));
    code.multiply("rax", "rcx");
    code.store(word("rsp", facts.count), "rax");
    compute.spreadParts(taskNumbers, task);
  });
}
