/**
 * @file Machine code for thin products x^T y, for x `[M, N]` and y `[M, R]` with few columns, such as LoRA's gradients.
 *
 * General matrix products are several times slower here, because they rearrange both sides first. A task processes 48
 * columns of x over all rows, with 8 x 48 sums in 24 registers.
 */
import {
  ComputeFunction,
  type ContextFunctions,
  restoreRegisters,
  saveRegisters,
  word,
} from "./operator-code.ts";
import { thinGroup as group, thinTaskColumns } from "./operator-kinds.ts";
import type { Assembler, Label } from "./x64.ts";

/** Columns per task. N is a multiple of 16, so the last task may overlap the one before. */
const taskColumns = thinTaskColumns;
const vectors = taskColumns / 16;

const facts = { wide: 0, thin: 1, result: 2, rows: 3, columns: 4, rank: 5, sizes: 6, alpha: 7 };
const scratchBytes = 4 * group * taskColumns;

const sum = (at: number, vector: number): number => at * vectors + vector;
const columnsOf = (vector: number): number => group * vectors + vector;
const single = (at: number): number => group * vectors + vectors + (at % 2);

/**
 * Emits `ThinProduct(x [M, N], y [M, R], sizes [.., M, N, R], alpha [1]) -> alpha x^T y`, as `[N, R]` or transposed as
 * `[R, N]`; `sizes` starts with the two sizes of the result. Returns the label of its compute function.
 */
export function emitThinProduct(code: Assembler, functions: ContextFunctions, isTransposed: boolean): Label {
  const task = code.label();
  code.bind(task);
  // rdi: facts, rsi: number of the task
  saveRegisters(code);
  code.subtract("rsp", scratchBytes);
  code.load("rbx", word("rdi", facts.columns));
  code.load("rbp", word("rdi", facts.rank));
  code.multiplyBy("rsi", taskColumns);
  code.move("rax", "rbx");
  code.subtract("rax", taskColumns);
  code.compare("rax", "rsi");
  code.moveIf("less", "rsi", "rax"); // first column
  code.load("r8", word("rdi", facts.wide));
  code.address("r8", { base: "r8", index: "rsi", scale: 4 });
  code.load("r9", word("rdi", facts.thin));
  code.load("r10", word("rdi", facts.result));
  code.load("rcx", word("rdi", facts.alpha));
  code.constant("r12", 0n); // first thin column of the group
  const [next, row, summed] = [code.label(), code.label(), code.label()];
  code.bind(next);
  for (let at = 0; at < group * vectors; at++) code.vector("vpxord", at, at, at);
  code.move("r13", "r8");
  code.address("r14", { base: "r9", index: "r12", scale: 4 });
  code.load("r15", word("rdi", facts.rows));
  code.compare("r15", 0);
  code.jumpIf("equal", summed);
  code.bind(row);
  for (let vector = 0; vector < vectors; vector++)
    code.vector("load", columnsOf(vector), { base: "r13", offset: 64 * vector });
  for (let at = 0; at < group; at++) {
    code.vector("vbroadcastss", single(at), { base: "r14", offset: 4 * at });
    for (let vector = 0; vector < vectors; vector++)
      code.vector("vfmadd231ps", sum(at, vector), columnsOf(vector), single(at));
  }
  code.address("r13", { base: "r13", index: "rbx", scale: 4 });
  code.address("r14", { base: "r14", index: "rbp", scale: 4 });
  code.subtract("r15", 1);
  code.jumpIf("notEqual", row);
  code.bind(summed);
  code.vector("vbroadcastss", columnsOf(0), { base: "rcx" });
  for (let at = 0; at < group * vectors; at++) code.vector("vmulps", at, at, columnsOf(0));
  if (isTransposed) emitRows(code);
  else emitColumns(code);
  code.add("r12", group);
  code.compare("r12", "rbp");
  code.jumpIf("less", next);
  code.zeroUpper();
  code.add("rsp", scratchBytes);
  restoreRegisters(code);

  return ComputeFunction.emit(code, functions, Object.keys(facts).length, (compute) => {
    compute.input(0, facts.wide);
    compute.input(1, facts.thin);
    compute.input(2, facts.sizes);
    compute.input(3, facts.alpha);
    code.load("rbp", word("rsp", facts.sizes));
    compute.output(0, 2, facts.result);
    for (const [at, name] of (["rows", "columns", "rank"] as const).entries()) {
      code.load("rax", word("rbp", 2 + at));
      code.store(word("rsp", facts[name]), "rax");
    }
    code.load("rax", word("rsp", facts.columns));
    compute.spreadParts(taskColumns, task);
  });
}

/** Stores the sums as rows of `[R, N]`. rsi: first column, r12: first row, rbx: N; uses rax. */
function emitRows(code: Assembler): void {
  code.move("rax", "r12");
  code.multiply("rax", "rbx");
  code.add("rax", "rsi");
  code.address("rax", { base: "r10", index: "rax", scale: 4 });
  for (let at = 0; at < group; at++) {
    for (let vector = 0; vector < vectors; vector++)
      code.vector("store", sum(at, vector), { base: "rax", offset: 64 * vector });
    if (at < group - 1) code.address("rax", { base: "rax", index: "rbx", scale: 4 });
  }
}

/** Stores the sums as pieces of rows of `[N, R]`, through the stack. rbp: R; uses rax, rdx, r11, r13 and r15. */
function emitColumns(code: Assembler): void {
  for (let at = 0; at < group; at++) {
    for (let vector = 0; vector < vectors; vector++)
      code.vector("store", sum(at, vector), { base: "rsp", offset: 4 * taskColumns * at + 64 * vector });
  }
  code.move("rax", "rsi");
  code.multiply("rax", "rbp");
  code.add("rax", "r12");
  code.address("rax", { base: "r10", index: "rax", scale: 4 });
  code.move("r13", "rsp");
  code.constant("r15", BigInt(taskColumns));
  const column = code.label();
  code.bind(column);
  for (let at = 0; at < group; at++) {
    code.loadHalf("r11", { base: "r13", offset: 4 * taskColumns * at });
    code.storeHalf({ base: "rax", offset: 4 * at }, "r11");
  }
  code.add("r13", 4);
  code.address("rax", { base: "rax", index: "rbp", scale: 4 });
  code.subtract("r15", 1);
  code.jumpIf("notEqual", column);
}
