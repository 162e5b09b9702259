/**
 * @file Machine code for bfloat16 products with float32 sums, for AVX512-BF16.
 *
 * A product multiplies activations by a matrix in its stored format. A task copies 64 of the matrix's columns into a
 * panel (`panel-code.ts`) and multiplies rows of activations by it, 6 at a time, with 6 x 64 sums in 24 registers. For
 * few rows copying would take as long as the product, so they are multiplied by the stored matrix (`dot-code.ts`).
 *
 * @source Goto and van de Geijn 2008 (ACM TOMS 34, 12): panels and register tiles
 */

import { dotColumns, dotRound, emitDots } from "./dot-code.ts";
import {
  ComputeFunction,
  type ContextFunctions,
  divideUp,
  restoreRegisters,
  saveRegisters,
  word,
} from "./operator-code.ts";
import type { MatrixFormat, ProductKind } from "./operator-kinds.ts";
import {
  emitExpandRow,
  emitPackColumns,
  emitPackRows,
  emitPackThinRows,
  type PanelConstants,
  panelColumns,
  panelInner,
  rowBytes,
  scaleBytes,
} from "./panel-code.ts";
import type { Address, Assembler, Label, Register } from "./x64.ts";

const tileRows = 6;
/** Maximum rows that share a panel. */
const taskRows = 48 * tileRows;
/** Pairs per iteration of the innermost loop. */
const unrolled = 4;
const vectors = panelColumns / 16;

/** Word indices of the facts that a product's tasks read. */
const facts = {
  source: 0,
  matrix: 1,
  scales: 2,
  addend: 3,
  result: 4,
  rows: 5,
  columns: 6,
  inner: 7,
  blocks: 8,
  blockRows: 9,
  sizes: 10,
  thinSource: 11,
  thinMatrix: 12,
  rank: 13,
};

/** Subroutines shared by all products. */
export interface ProductCode {
  readonly constants: PanelConstants;
  /** Multiply rows by a panel: sums start with given values, or with zero. */
  readonly addRows: Label;
  readonly startRows: Label;
  /** Fill panels from float32 matrices with few columns, or with few rows. */
  readonly packThinRows: Label;
  readonly packThinColumns: Label;
  /** Multiply few rows by rows of the matrix: sums start with given values, or with zero. */
  readonly addDots: Label;
  readonly startDots: Label;
}

/** Emits the shared subroutines. */
export function emitProductCode(code: Assembler, constants: PanelConstants): ProductCode {
  return {
    constants,
    addRows: emitRows(code, true),
    startRows: emitRows(code, false),
    addDots: emitDots(code, constants, true),
    startDots: emitDots(code, constants, false),
    packThinRows: emitPackThinRows(code),
    packThinColumns: emitPackColumns(code, "float32", constants),
  };
}

/** Emits the task for products with one matrix format and orientation. */
export function emitProductTask(
  code: Assembler,
  shared: ProductCode,
  { format, transposed }: Pick<ProductKind, "format" | "transposed">,
): Label {
  const pack = transposed
    ? emitPackRows(code, format, shared.constants)
    : emitPackColumns(code, format, shared.constants);
  const expand = transposed && format !== "bfloat16" ? emitExpandRow(code, format, shared.constants) : null;
  const task = code.label();
  code.bind(task);
  // rdi: facts, rsi: number of the task
  saveRegisters(code);
  code.move("rbp", "rsp");
  code.subtract("rsp", panelInner * panelColumns * 2 + 8 * placeCount);
  code.and("rsp", -64);
  placeTask(code, { format, transposed });
  const [next, plain, done] = [code.label(), code.label(), code.label()];
  code.load("rdi", word("rsp", places.facts));
  code.load("rax", word("rdi", facts.thinSource));
  code.compare("rax", 0);
  code.jumpIf("equal", plain);
  emitThin(code, shared, transposed);
  code.bind(plain);
  if (transposed) emitFewRows(code, shared, expand, done);
  code.bind(next);
  emitPackCall(code, format, pack);
  code.load("rdi", word("rsp", places.facts));
  code.load("r14", word("rsp", places.source));
  code.load("r9", word("rdi", facts.inner));
  code.load("rdx", word("rsp", places.innerNow));
  emitRowsCall(code, shared);
  code.load("rcx", word("rsp", places.innerNow));
  code.load("rax", word("rsp", places.source));
  code.address("rax", { base: "rax", index: "rcx", scale: 2 });
  code.store(word("rsp", places.source), "rax");
  code.load("rax", word("rsp", places.innerLeft));
  code.subtract("rax", "rcx");
  code.store(word("rsp", places.innerLeft), "rax");
  code.compare("rax", 0);
  code.jumpIf("notEqual", next);
  code.bind(done);
  code.zeroUpper();
  code.move("rsp", "rbp");
  restoreRegisters(code);
  return task;
}

/** Starts the sums with the product of the thin matrices: rows of one by a panel of the other. */
function emitThin(
  code: Assembler,
  { packThinRows, packThinColumns, ...shared }: Shared,
  transposed: boolean,
): void {
  // rdi: facts
  code.load("rsi", word("rdi", facts.thinMatrix));
  code.load("rcx", word("rdi", facts.rank));
  code.load("rax", word("rsp", places.column));
  if (transposed) code.multiply("rax", "rcx");
  code.address("rsi", { base: "rsi", index: "rax", scale: 4 });
  code.load("rdx", word("rdi", facts.columns));
  code.shiftLeft("rdx", 2);
  code.address("rdi", word("rsp", placeCount));
  code.call(transposed ? packThinRows : packThinColumns);
  code.load("rdi", word("rsp", places.facts));
  code.load("r9", word("rdi", facts.rank));
  code.load("r14", word("rsp", places.row));
  code.multiply("r14", "r9");
  code.shiftLeft("r14", 1);
  code.load("rax", word("rdi", facts.thinSource));
  code.add("r14", "rax");
  code.move("rdx", "r9");
  emitRowsCall(code, shared);
}

/**
 * Limits for multiplying without a panel: rows, and numbers in these rows. The numbers may fill half of the L2 cache,
 * because they are read again for every 4 columns.
 */
const [fewRows, fewNumbers] = [192, 1 << 18];

/** If there are few rows, multiplies them by the 64 matrix rows that are the task's columns, and jumps to `done`. */
function emitFewRows(
  code: Assembler,
  { addDots, startDots }: Pick<ProductCode, "addDots" | "startDots">,
  expand: Label | null,
  done: Label,
): void {
  const [group, many] = [code.label(), code.label()];
  code.load("rax", word("rsp", places.rows));
  code.compare("rax", fewRows + 1);
  code.jumpIf("greaterOrEqual", many);
  code.load("rcx", word("rsp", places.innerLeft));
  code.multiply("rax", "rcx");
  code.compare("rax", fewNumbers + 1);
  code.jumpIf("greaterOrEqual", many);
  if (expand !== null) {
    code.compare("rcx", (panelInner * panelColumns) / dotColumns + 1); // limit of the panel's memory
    code.jumpIf("greaterOrEqual", many);
  }
  code.constant("rax", BigInt(panelColumns / dotColumns));
  code.store(word("rsp", places.groups), "rax");
  code.bind(group);
  code.load("r13", word("rsp", places.matrix));
  code.load("r15", word("rsp", places.rowBytes));
  if (expand === null) {
    code.address("rax", { base: "r13", index: "r15", scale: dotColumns });
    code.store(word("rsp", places.matrix), "rax");
  } else emitExpand(code, expand);
  code.load("rdi", word("rsp", places.facts));
  code.load("r10", word("rsp", places.matrix));
  code.load("r14", word("rsp", places.source));
  code.load("r12", word("rsp", places.rows));
  code.load("rsi", word("rsp", places.result));
  code.load("r11", word("rdi", facts.columns));
  code.shiftLeft("r11", 2);
  code.load("r9", word("rdi", facts.inner));
  code.move("rdx", "r9");
  code.shiftRight("rdx", Math.log2(dotRound));
  code.shiftLeft("r9", 1);
  callSums(code, addDots, startDots);
  code.load("rax", word("rsp", places.result));
  code.add("rax", 4 * dotColumns);
  code.store(word("rsp", places.result), "rax");
  code.load("rax", word("rsp", places.groups));
  code.subtract("rax", 1);
  code.store(word("rsp", places.groups), "rax");
  code.jumpIf("notEqual", group);
  code.jump(done);
  code.bind(many);
}

/** Expands the next rows of the matrix to bfloat16 in the panel's memory: r13, with r15 bytes per row. */
function emitExpand(code: Assembler, expand: Label): void {
  code.address("rdi", word("rsp", placeCount));
  code.load("r11", word("rsp", places.scaleRowBytes));
  code.load("r14", word("rsp", places.scales));
  code.constant("r12", BigInt(dotColumns));
  const row = code.label();
  code.bind(row);
  code.move("rsi", "r13");
  code.move("r10", "r14");
  code.load("rcx", word("rsp", places.innerLeft));
  code.call(expand);
  code.add("r13", "r15");
  code.add("r14", "r11");
  code.subtract("r12", 1);
  code.jumpIf("notEqual", row);
  code.store(word("rsp", places.matrix), "r13");
  code.store(word("rsp", places.scales), "r14");
  code.address("r13", word("rsp", placeCount));
  code.load("r15", word("rsp", places.innerLeft));
  code.shiftLeft("r15", 1);
}

type Shared = Pick<ProductCode, "addRows" | "startRows" | "packThinRows" | "packThinColumns">;

/** Multiplies rows by the panel. r14: source, r9: numbers per row, rdx: inner numbers of the panel, rdi: facts. */
function emitRowsCall(code: Assembler, { addRows, startRows }: Pick<Shared, "addRows" | "startRows">): void {
  code.shiftLeft("r9", 1);
  code.address("r13", word("rsp", placeCount));
  code.load("r12", word("rsp", places.rows));
  code.load("rsi", word("rsp", places.result));
  code.load("r15", word("rdi", facts.columns));
  code.shiftLeft("r15", 2);
  code.shiftRight("rdx", Math.log2(2 * unrolled));
  callSums(code, addRows, startRows);
  // later products add to these sums
  code.constant("rax", 0n);
  code.store(word("rsp", places.start), "rax");
}

/** Calls the subroutine whose sums start with given values, or the one whose sums start with zero. */
function callSums(code: Assembler, adds: Label, starts: Label): void {
  const [zero, summed] = [code.label(), code.label()];
  code.load("rbx", word("rsp", places.start));
  code.compare("rbx", startWithZero);
  code.jumpIf("equal", zero);
  code.call(adds);
  code.jump(summed);
  code.bind(zero);
  code.call(starts);
  code.bind(summed);
}

/** Word indices, from `rsp` on, of the values that a task stores below its panel. */
const places = {
  facts: 0,
  source: 1,
  result: 2,
  rows: 3,
  start: 4,
  innerLeft: 5,
  innerNow: 6,
  matrix: 7,
  rowBytes: 8,
  scales: 9,
  scaleRowBytes: 10,
  row: 11,
  column: 12,
  groups: 13,
};
const placeCount = 16;
/** Value of `start` for sums from zero. It cannot be a distance to an addend, because tensors are aligned. */
const startWithZero = 1;

/** Stores the start addresses of the task's rows, columns and matrix. `rdi`: facts, `rsi`: number of the task. */
function placeTask(
  code: Assembler,
  { format, transposed }: Pick<ProductKind, "format" | "transposed">,
): void {
  const put = (place: number, from: Register): void => code.store(word("rsp", place), from);
  const fact = (to: Register, at: number): void => code.load(to, word("rdi", at));
  put(places.facts, "rdi");
  fact("rcx", facts.blocks);
  code.move("rax", "rsi");
  code.constant("rdx", 0n);
  code.divide("rcx"); // rax: panel, rdx: block
  fact("rcx", facts.blockRows);
  code.multiply("rdx", "rcx"); // first row
  put(places.row, "rdx");
  fact("r12", facts.rows);
  code.subtract("r12", "rdx");
  code.compare("rcx", "r12");
  code.moveIf("less", "r12", "rcx");
  put(places.rows, "r12");
  code.shiftLeft("rax", Math.log2(panelColumns)); // first column
  put(places.column, "rax");
  fact("r8", facts.inner);
  put(places.innerLeft, "r8");
  fact("r15", facts.columns);
  code.move("rcx", "rdx");
  code.multiply("rcx", "r15");
  code.add("rcx", "rax");
  code.shiftLeft("rcx", 2);
  fact("rbx", facts.result);
  code.add("rcx", "rbx");
  put(places.result, "rcx");
  fact("rcx", facts.addend);
  const [none, known] = [code.label(), code.label()];
  code.compare("rcx", 0);
  code.jumpIf("equal", none);
  code.subtract("rcx", "rbx");
  code.jump(known);
  code.bind(none);
  code.constant("rcx", BigInt(startWithZero));
  code.bind(known);
  put(places.start, "rcx");
  code.move("rcx", "rdx");
  code.multiply("rcx", "r8");
  code.shiftLeft("rcx", 1);
  fact("r9", facts.source);
  code.add("rcx", "r9");
  put(places.source, "rcx");
  placeMatrix(code, format, transposed);
}

/** Stores the start of the panel's part of the matrix. rax: first column, r8: inner size, r15: columns, rdi: facts. */
function placeMatrix(code: Assembler, format: MatrixFormat, transposed: boolean): void {
  const width: Register = transposed ? "r8" : "r15"; // numbers per stored row
  const scaled = (to: Register, bytesOf: typeof rowBytes): void => {
    // converts a multiple of 64 numbers to bytes
    code.shiftRight(to, 6);
    code.multiplyBy(to, bytesOf(format, 64));
  };
  const parts = [
    { fact: facts.matrix, stride: places.rowBytes, start: places.matrix, bytesOf: rowBytes },
    { fact: facts.scales, stride: places.scaleRowBytes, start: places.scales, bytesOf: scaleBytes },
  ];
  for (const { fact, stride, start, bytesOf } of parts.slice(0, format === "nf4" ? 2 : 1)) {
    code.move("rcx", width);
    scaled("rcx", bytesOf);
    code.store(word("rsp", stride), "rcx");
    code.move("rdx", "rax");
    if (transposed) code.multiply("rdx", "rcx");
    else scaled("rdx", bytesOf);
    code.load("rcx", word("rdi", fact));
    code.add("rdx", "rcx");
    code.store(word("rsp", start), "rdx");
  }
}

/** Fills the panel with the next inner numbers, and advances in the matrix. */
function emitPackCall(code: Assembler, format: MatrixFormat, pack: Label): void {
  code.load("rcx", word("rsp", places.innerLeft));
  code.constant("rax", BigInt(panelInner));
  code.compare("rax", "rcx");
  code.moveIf("less", "rcx", "rax");
  code.store(word("rsp", places.innerNow), "rcx");
  code.load("rsi", word("rsp", places.matrix));
  code.load("rdx", word("rsp", places.rowBytes));
  if (format === "nf4") {
    code.load("r10", word("rsp", places.scales));
    code.load("r11", word("rsp", places.scaleRowBytes));
  }
  code.address("rdi", word("rsp", placeCount));
  code.call(pack);
  // both subroutines return the addresses of the next numbers
  code.store(word("rsp", places.matrix), "rsi");
  if (format === "nf4") code.store(word("rsp", places.scales), "r10");
}

/**
 * Emits the compute function of a product: `(x bfloat16 [M, K], matrix, scales?, thin?, sizes [M, N, K, R],
 * addend? [M, N]) -> float32 [M, N]`, where thin is two inputs, bfloat16 `[M, R]` and float32 `[N, R]` or `[R, N]`.
 */
export function emitProduct(
  code: Assembler,
  functions: ContextFunctions,
  { format, hasAddend, hasThin }: ProductKind,
  task: Label,
): Label {
  return ComputeFunction.emit(code, functions, Object.keys(facts).length, (compute) => {
    let next = 0;
    compute.input(next++, facts.source);
    compute.input(next++, facts.matrix);
    if (format === "nf4") compute.input(next++, facts.scales);
    code.constant("rax", 0n);
    code.store(word("rsp", facts.thinSource), "rax");
    code.store(word("rsp", facts.addend), "rax");
    if (hasThin) {
      compute.input(next++, facts.thinSource);
      compute.input(next++, facts.thinMatrix);
    }
    compute.input(next++, facts.sizes);
    if (hasAddend) compute.input(next++, facts.addend);
    code.load("rbp", word("rsp", facts.sizes));
    compute.output(0, 2, facts.result);
    for (const [at, name] of (["rows", "columns", "inner", "rank"] as const).entries()) {
      code.load("rax", word("rbp", at));
      code.store(word("rsp", facts[name]), "rax");
    }
    code.load("rax", word("rsp", facts.rows));
    compute.endIfZero("rax");
    divideRows(code);
    // number of tasks: panels of columns times blocks of rows
    code.load("rdx", word("rsp", facts.columns));
    code.shiftRight("rdx", Math.log2(panelColumns));
    code.load("rax", word("rsp", facts.blocks));
    code.multiply("rdx", "rax");
    compute.spread(task);
  });
}

/** Divides the rows into blocks of about equal size, each a multiple of the tile's rows. `rax`: rows. */
function divideRows(code: Assembler): void {
  divideUp(code, taskRows);
  code.store(word("rsp", facts.blocks), "rax");
  code.move("rcx", "rax");
  code.load("rax", word("rsp", facts.rows));
  code.add("rax", "rcx");
  code.subtract("rax", 1);
  code.constant("rdx", 0n);
  code.divide("rcx");
  divideUp(code, tileRows);
  code.multiplyBy("rax", tileRows);
  code.store(word("rsp", facts.blockRows), "rax");
}

/**
 * Emits a subroutine that multiplies rows by a panel. r14: source, r9: its bytes per row, r13: panel, r12: rows, rdx:
 * iterations of the innermost loop, rsi: result, r15: its bytes per row, rbx: distance from the result to the initial
 * values of the sums. Changes rax, rcx, rsi, r8, r10 to r12 and r14.
 */
function emitRows(code: Assembler, adds: boolean): Label {
  const [start, done] = [code.label(), code.label()];
  const parts = Array.from({ length: tileRows }, () => code.label());
  code.bind(start);
  code.compare("r12", tileRows);
  code.jumpIf("less", parts[0] as Label);
  emitTile(code, tileRows, adds);
  code.move("rax", "r9");
  code.multiplyBy("rax", tileRows);
  code.add("r14", "rax");
  code.move("rax", "r15");
  code.multiplyBy("rax", tileRows);
  code.add("rsi", "rax");
  code.subtract("r12", tileRows);
  code.jump(start);
  // the remaining rows, with separate code for each possible count
  for (let rows = 1; rows < tileRows; rows++) {
    code.bind(parts[rows - 1] as Label);
    code.compare("r12", rows);
    code.jumpIf("notEqual", parts[rows] as Label);
    emitTile(code, rows, adds);
    code.jump(done);
  }
  code.bind(parts[tileRows - 1] as Label);
  code.bind(done);
  code.return();
  return start;
}

/** Multiplies `rows` rows by a panel; registers as in `emitRows`. */
function emitTile(code: Assembler, rows: number, adds: boolean): void {
  const sum = (row: number, column: number): number => row * vectors + column;
  const panel = (column: number): number => tileRows * vectors + column;
  const pair = tileRows * vectors + vectors;
  /** Visits the sums row by row; `rax` points to the row's first number. */
  const eachSum = (visit: (at: number, column: number) => void): void => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < vectors; column++) visit(sum(row, column), column);
      if (row < rows - 1) code.add("rax", "r15");
    }
  };
  if (adds) {
    code.address("rax", { base: "rsi", index: "rbx" });
    eachSum((at, column) => code.vector("load", at, { base: "rax", offset: 64 * column }));
  } else eachSum((at) => code.vector("vpxord", at, at, at));
  code.move("r8", "r14"); // rows 0 to 2
  code.address("r10", { base: "r9", index: "r9", scale: 2 });
  code.add("r10", "r14"); // rows 3 to 5
  code.move("r11", "r13");
  code.move("rcx", "rdx");
  const source = (row: number, offset: number): Address => ({
    base: row < 3 ? "r8" : "r10",
    ...(row % 3 > 0 && { index: "r9" as const, scale: (row % 3) as 1 | 2 }),
    offset,
  });
  const round = code.label();
  code.bind(round);
  for (let step = 0; step < unrolled; step++) {
    for (let column = 0; column < vectors; column++)
      code.vector("load", panel(column), { base: "r11", offset: 64 * (vectors * step + column) });
    for (let row = 0; row < rows; row++) {
      code.vector("vpbroadcastd", pair + (row % 2), source(row, 4 * step));
      for (let column = 0; column < vectors; column++)
        code.vector("vdpbf16ps", sum(row, column), panel(column), pair + (row % 2));
    }
  }
  code.add("r8", 4 * unrolled);
  code.add("r10", 4 * unrolled);
  code.add("r11", 64 * vectors * unrolled);
  code.subtract("rcx", 1);
  code.jumpIf("notEqual", round);
  code.move("rax", "rsi");
  eachSum((at, column) => code.vector("store", at, { base: "rax", offset: 64 * column }));
}
