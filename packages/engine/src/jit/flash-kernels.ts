/**
 * @file Machine code for blockwise attention on AVX-512; memory is linear in the length of a row.
 *
 * `Attention` stores only the maximum and the reciprocal sum of each query's weights. `AttentionGradient` computes the
 * weights again, once with queries in lanes for their gradient, and once with keys in lanes for the gradients of keys
 * and values. So each number is summed by one task in a fixed order: results do not depend on the number of threads.
 *
 *     task = 48 lanes of one head:   for each chunk of 64 rows:  products ─► weights ─► sums of rows by weight
 *
 * @source Dao 2023 (arXiv 2307.08691), algorithms 1 and 2
 */

import {
  chunkRows,
  emitCompute,
  emitInputs,
  emitOutput,
  emitRoles,
  emitSpread,
  emitTask,
  fact,
  forwardInputs,
  inputNames,
  laneBytes,
  laneCount,
  laneVectors,
  numberNames,
  place,
  type TaskMatrix,
  taskMatrix,
} from "./flash-frame.ts";
import { emitZero, type Subroutines } from "./flash-products.ts";
import {
  emitConstant,
  emitScoreGradients,
  emitWeights,
  firstLaneMask,
  isBelow,
  type Pass,
} from "./flash-softmax.ts";
import type { ContextFunctions } from "./operator-code.ts";
import { type Assembler, type Label, type Register, registers, zeroing } from "./x64.ts";

/** Inputs of code generation. */
export interface FlashCode {
  readonly code: Assembler;
  readonly functions: ContextFunctions;
  readonly subroutines: Subroutines;
  readonly isCapped: boolean;
}

/** Initial maximum, below any score. */
const lowest = -1e30;

const queryShape = [["tokens"], ["heads", "width"]] as const;
const keyShape = [["tokens"], ["kvHeads", "width"]] as const;

/** Emits the forward operator; returns the label of its compute function. */
export function emitAttention(given: FlashCode): Label {
  const { code, functions } = given;
  const task = emitPass(given, "forward");
  return emitCompute(code, functions, (compute) => {
    emitInputs(code, compute, forwardInputs);
    emitOutput(code, compute, 0, { to: "forward", shape: queryShape });
    emitOutput(code, compute, 1, { to: "forwardStatistics", shape: [["heads", 2], ["tokens"]] });
    emitRoles(code, {
      streamX: ["key"],
      streamY: ["value"],
      streamStride: ["kvHeads", "headBytes"],
      laneX: ["query"],
      outY: ["forward"],
      laneStride: ["heads", "headBytes"],
      statistics: ["forwardStatistics"],
      blocks: ["queryBlocks"],
      spans: ["querySpans"],
      taskHeads: ["heads"],
      tasks: ["queryCount", "heads"],
    });
    emitSpread(code, compute, task);
  });
}

/** Emits the gradient's operator; returns the label of its compute function. */
export function emitAttentionGradient(given: FlashCode): Label {
  const { code, functions } = given;
  const [queryTask, keyTask] = [emitPass(given, "query"), emitPass(given, "key")];
  return emitCompute(code, functions, (compute) => {
    emitInputs(code, compute, inputNames.length);
    emitOutput(code, compute, 0, { to: "queryGradient", shape: queryShape });
    emitOutput(code, compute, 1, { to: "keyGradient", shape: keyShape });
    emitOutput(code, compute, 2, { to: "valueGradient", shape: keyShape });
    emitOutput(code, compute, 3, { to: "deltas", shape: [["heads"], ["tokens"]] });
    emitRoles(code, {
      streamX: ["key"],
      streamY: ["value"],
      streamStride: ["kvHeads", "headBytes"],
      laneX: ["query"],
      laneY: ["gradient"],
      laneStride: ["heads", "headBytes"],
      outX: ["queryGradient"],
      blocks: ["queryBlocks"],
      spans: ["querySpans"],
      taskHeads: ["heads"],
      tasks: ["queryCount", "heads"],
    });
    emitSpread(code, compute, queryTask);
    emitRoles(code, {
      streamX: ["query"],
      streamY: ["gradient"],
      streamStride: ["heads", "headBytes"],
      laneX: ["key"],
      laneY: ["value"],
      laneStride: ["kvHeads", "headBytes"],
      outX: ["keyGradient"],
      outY: ["valueGradient"],
      blocks: ["keyBlocks"],
      spans: ["keySpans"],
      taskHeads: ["kvHeads"],
      tasks: ["keyCount", "kvHeads"],
    });
    emitSpread(code, compute, keyTask);
  });
}

function emitPass(given: FlashCode, pass: Pass): Label {
  const { code } = given;
  const task = code.label();
  code.bind(task);
  emitTask(code, () => {
    emitTaskStart(code);
    emitLanes(given, pass);
    emitStreams(given, pass);
    emitResults(given, pass);
  });
  return task;
}

/** Splits the number of the task into block and head, and copies frequently read numbers to the stack. */
function emitTaskStart(code: Assembler): void {
  code.move("rax", "rsi");
  code.constant("rdx", 0n);
  code.load("rcx", fact("rbx", "taskHeads"));
  code.divide("rcx");
  code.store(place("head"), "rdx");
  // a block has 4 words: first lane, number of lanes, first span, end of its spans
  code.shiftLeft("rax", 5);
  code.load("rcx", fact("rbx", "blocks"));
  code.add("rax", "rcx");
  for (const [at, name] of (["first", "count"] as const).entries()) {
    code.load("rcx", { base: "rax", offset: 8 * at });
    code.store(place(name), "rcx");
  }
  code.load("rdx", fact("rbx", "spans"));
  for (const [at, name] of (["span", "spanEnd"] as const).entries()) {
    code.load("rcx", { base: "rax", offset: 16 + 8 * at });
    code.multiplyBy("rcx", 24);
    code.add("rcx", "rdx");
    code.store(place(name), "rcx");
  }
  code.load("rcx", fact("rbx", "numbers"));
  for (const at of numberNames.keys()) {
    code.loadHalf("rax", { base: "rcx", offset: 4 * at });
    code.storeHalf(place("numbers", 4 * at), "rax");
  }
  code.load("rcx", fact("rbx", "window"));
  code.load("rax", { base: "rcx" });
  code.storeHalf(place("window"), "rax");
  emitConstant(code, 0, lowest);
  code.storeHalf(place("hidden"), "rax");
  const round = code.label();
  code.constant("rax", 0n);
  code.bind(round);
  code.storeHalf({ base: "rsp", index: "rax", scale: 4, offset: place("lanes").offset ?? 0 }, "rax");
  code.add("rax", 1);
  code.compare("rax", laneCount);
  code.jumpIf("notEqual", round);
  code.load("rax", place("count"));
  code.vector("vpbroadcastr", 0, registers.rax);
  eachVector((at) => {
    code.vector("load", 1, place("lanes", 64 * at));
    code.vector("vpcmpud", firstLaneMask + at, 0, 1, isBelow);
  });
}

function eachVector(visit: (at: number) => void): void {
  for (let at = 0; at < laneVectors; at++) visit(at);
}

/** Sets r8 to the block's first row of a matrix: matrix + first * stride + head * headBytes; also r9, r12 and r13. */
function emitLaneAddress(code: Assembler, matrix: "laneX" | "laneY" | "outX" | "outY" | "result"): void {
  code.load("r8", fact("rbx", matrix));
  code.load("r9", fact("rbx", "laneStride"));
  code.load("rax", place("first"));
  code.multiply("rax", "r9");
  code.add("r8", "rax");
  code.load("rax", place("head"));
  code.load("rcx", fact("rbx", "headBytes"));
  code.multiply("rax", "rcx");
  code.add("r8", "rax");
  code.load("r12", place("count"));
  code.load("r13", fact("rbx", "width"));
}

function emitMatrix(code: Assembler, to: Register, name: TaskMatrix): void {
  code.address(to, taskMatrix(name));
}

/** Sets rax to the address of a per-query value, `[H, N]`, for the head in rdx and the token in rcx. Uses rsi. */
function emitQueryAddress(code: Assembler, of: "statistics" | "deltas", isSecond = false): void {
  code.move("rax", "rdx");
  if (isSecond) {
    code.load("rsi", fact("rbx", "heads"));
    code.add("rax", "rsi");
  }
  code.load("rsi", fact("rbx", "tokens"));
  code.multiply("rax", "rsi");
  code.add("rax", "rcx");
  code.shiftLeft("rax", 2);
  code.load("rsi", fact("rbx", of));
  code.add("rax", "rsi");
}

/** Transposes the block's rows into lanes, and initializes maxima, sums and results. */
function emitLanes({ code, subroutines }: FlashCode, pass: Pass): void {
  const gather = (from: "laneX" | "laneY" | "result", to: TaskMatrix): void => {
    emitLaneAddress(code, from);
    emitMatrix(code, "rdi", to);
    code.call(subroutines.gather);
  };
  gather("laneX", "laneX");
  if (pass !== "forward") gather("laneY", "laneY");
  if (pass === "query") {
    gather("result", "outX");
    emitDeltas(code);
    code.load("rdx", place("head"));
    code.load("rcx", place("first"));
    for (const [name, isSecond] of [["maximum", false] as const, ["sum", true] as const]) {
      emitQueryAddress(code, "statistics", isSecond);
      eachVector((at) => {
        code.masked("load", 0, { base: "rax", offset: 64 * at }, null, (firstLaneMask + at) | zeroing);
        code.vector("store", 0, place(name, 64 * at));
      });
    }
  }
  const start = pass === "forward" ? { maximum: lowest, sum: 0 } : { factor: 1 };
  for (const [name, value] of Object.entries(start) as ["maximum" | "sum" | "factor", number][]) {
    emitConstant(code, 0, value);
    eachVector((at) => code.vector("store", 0, place(name, 64 * at)));
  }
  code.load("r13", fact("rbx", "width"));
  for (const out of outputsOf(pass)) {
    emitMatrix(code, "rdi", out);
    emitZero(code);
  }
  if (subroutines.pairLanes === null) return;
  code.move("r12", "r13");
  for (const lanes of pass === "forward" ? (["laneX"] as const) : (["laneX", "laneY"] as const)) {
    emitMatrix(code, "rdx", lanes);
    code.call(subroutines.pairLanes);
  }
}

function outputsOf(pass: Pass): ("outX" | "outY")[] {
  return [...(pass === "forward" ? [] : ["outX" as const]), ...(pass === "query" ? [] : ["outY" as const])];
}

/** Computes D, the sum over the head of gradient times result, for each query in lanes; r13: head width. */
function emitDeltas(code: Assembler): void {
  eachVector((at) => code.vector("vpxord", at, at, at));
  emitMatrix(code, "rsi", "laneY");
  emitMatrix(code, "rdx", "outX");
  code.move("rcx", "r13");
  const round = code.label();
  code.bind(round);
  eachVector((at) => {
    code.vector("load", laneVectors, { base: "rsi", offset: 64 * at });
    code.vector("vfmadd231ps", at, { base: "rdx", offset: 64 * at }, laneVectors);
  });
  code.add("rsi", laneBytes);
  code.add("rdx", laneBytes);
  code.subtract("rcx", 1);
  code.jumpIf("notEqual", round);
  code.load("rdx", place("head"));
  code.load("rcx", place("first"));
  emitQueryAddress(code, "deltas");
  eachVector((at) => {
    code.vector("store", at, place("delta", 64 * at));
    code.masked("store", at, { base: "rax", offset: 64 * at }, null, firstLaneMask + at);
  });
}

/** Streams the other side chunk by chunk, span by span and, if keys are in lanes, for each query head of the group. */
function emitStreams(given: FlashCode, pass: Pass): void {
  const { code } = given;
  const [nextHead, nextSpan, nextChunk, spanDone] = Array.from({ length: 4 }, () => code.label()) as [
    Label,
    Label,
    Label,
    Label,
  ];
  code.load("rax", place("head"));
  code.load("rcx", fact("rbx", "group"));
  if (pass === "key") code.multiply("rax", "rcx");
  else {
    code.constant("rdx", 0n);
    code.divide("rcx");
    code.constant("rcx", 1n);
  }
  code.store(place("group"), "rcx");
  code.move("r15", "rax"); // head of the streamed side
  code.load("rbp", place("span"));
  code.bind(nextHead);
  code.bind(nextSpan);
  for (const [at, name] of (["from", "to", "base"] as const).entries()) {
    code.load("rax", { base: "rbp", offset: 8 * at });
    code.store(place(name), "rax");
  }
  code.bind(nextChunk);
  code.load("rax", place("from"));
  code.load("r12", place("to"));
  code.subtract("r12", "rax");
  code.compare("r12", 1);
  code.jumpIf("less", spanDone);
  code.constant("rcx", BigInt(chunkRows));
  code.compare("rcx", "r12");
  code.moveIf("less", "r12", "rcx");
  code.store(place("rows"), "r12");
  emitChunk(given, pass);
  code.load("rax", place("from"));
  code.load("r12", place("rows"));
  code.add("rax", "r12");
  code.store(place("from"), "rax");
  code.jump(nextChunk);
  code.bind(spanDone);
  code.add("rbp", 24);
  code.load("rax", place("spanEnd"));
  code.compare("rbp", "rax");
  code.jumpIf("below", nextSpan);
  code.load("rbp", place("span"));
  code.add("r15", 1);
  code.load("rax", place("group"));
  code.subtract("rax", 1);
  code.store(place("group"), "rax");
  code.compare("rax", 0);
  code.jumpIf("notEqual", nextHead);
}

/** Sets r8, r9, r12 and r13 to the chunk's rows of a streamed matrix. */
function emitStreamRows(code: Assembler, matrix: "streamX" | "streamY"): void {
  code.load("r8", fact("rbx", matrix));
  code.load("r9", fact("rbx", "streamStride"));
  code.load("rax", place("from"));
  code.multiply("rax", "r9");
  code.add("r8", "rax");
  code.load("rax", fact("rbx", "headBytes"));
  code.multiply("rax", "r15");
  code.add("r8", "rax");
  code.load("r12", place("rows"));
  code.load("r13", fact("rbx", "width"));
}

function emitChunk({ code, subroutines, isCapped }: FlashCode, pass: Pass): void {
  const products = (
    stream: "streamX" | "streamY",
    lanes: "laneX" | "laneY",
    to: "scores" | "second",
  ): void => {
    emitStreamRows(code, stream);
    emitMatrix(code, "rdx", lanes);
    emitMatrix(code, "rdi", to);
    code.call(subroutines.scores);
  };
  const mix = (stream: "streamX" | "streamY", weights: "scores" | "second", to: "outX" | "outY"): void => {
    emitStreamRows(code, stream);
    emitMatrix(code, "rdx", weights);
    emitMatrix(code, "rdi", to);
    code.address("r14", place("factor"));
    code.call(subroutines.mix);
  };
  products("streamX", "laneX", "scores");
  if (pass !== "forward") products("streamY", "laneY", "second");
  code.load("r12", place("rows"));
  if (pass === "key") {
    code.move("rdx", "r15");
    code.load("rcx", place("from"));
    for (const [to, of, isSecond] of [
      ["r8", "statistics", false] as const,
      ["r9", "statistics", true] as const,
      ["r10", "deltas", false] as const,
    ]) {
      emitQueryAddress(code, of, isSecond);
      code.move(to, "rax");
    }
  }
  // minus the first lane that attends to the chunk's first row, or is attended to by it
  code.load("rax", place("from"));
  code.load("rcx", place("base"));
  code.add("rax", "rcx");
  code.constant("r11", 0n);
  code.subtract("r11", "rax");
  if (pass === "forward") emitWeights(code, isCapped);
  else emitScoreGradients(code, pass, isCapped);
  if (pass !== "forward") mix("streamX", pass === "query" ? "scores" : "second", "outX");
  if (pass !== "query") mix("streamY", "scores", "outY");
}

/** Scales the results and transposes them back from lanes to rows. */
function emitResults({ code, subroutines }: FlashCode, pass: Pass): void {
  if (pass === "forward") {
    emitConstant(code, 0, 1);
    code.load("rdx", place("head"));
    code.load("rcx", place("first"));
    eachVector((at) => {
      code.vector("load", 1, place("sum", 64 * at));
      code.vector("vdivps", 1, 1, 0);
      code.vector("store", 1, place("sum", 64 * at));
    });
    for (const [name, isSecond] of [["maximum", false] as const, ["sum", true] as const]) {
      emitQueryAddress(code, "statistics", isSecond);
      eachVector((at) => {
        code.vector("load", 0, place(name, 64 * at));
        code.masked("store", 0, { base: "rax", offset: 64 * at }, null, firstLaneMask + at);
      });
    }
    eachVector((at) => code.vector("load", 1 + at, place("sum", 64 * at)));
    emitScale(code, "outY");
  } else {
    const slope = place("numbers", 4 * numberNames.indexOf("slope"));
    eachVector((at) => code.vector("vbroadcastss", 1 + at, slope));
    emitScale(code, "outX");
  }
  for (const out of outputsOf(pass)) {
    emitLaneAddress(code, out);
    emitMatrix(code, "rdi", out);
    code.call(subroutines.scatter);
  }
}

/** Multiplies each row of a matrix of lanes by the vector registers from 1 on. */
function emitScale(code: Assembler, name: "outX" | "outY"): void {
  const round = code.label();
  emitMatrix(code, "rdi", name);
  code.load("rcx", fact("rbx", "width"));
  code.bind(round);
  eachVector((at) => {
    code.vector("vmulps", 0, { base: "rdi", offset: 64 * at }, 1 + at);
    code.vector("store", 0, { base: "rdi", offset: 64 * at });
  });
  code.add("rdi", laneBytes);
  code.subtract("rcx", 1);
  code.jumpIf("notEqual", round);
}
