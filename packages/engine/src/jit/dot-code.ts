/**
 * @file Machine code for products with few rows, which reads the matrix once, in its stored order.
 *
 * Each sum is a dot product of a row of activations and a row of the matrix, 4 of each at a time, with 16 registers of
 * partial sums.
 */
import { emitLanesBelow, type PanelConstants } from "./panel-code.ts";
import type { Address, Assembler, Label, Register } from "./x64.ts";

/** Rows of the matrix multiplied at once; they are columns of the product. */
export const dotColumns = 4;
/** Formats of activations and matrix; `mixed`: float32 activations, bfloat16 matrix. */
export type DotNumbers = "bfloat16" | "mixed";
/** Inner numbers per iteration of the innermost loop if both are bfloat16; for `mixed`, half as many. */
export const dotRound = 64;
/** Rows of activations multiplied at once. */
const tileRows = 4;
/** Mask register for the tile's columns in a vector. */
const columnsMask = 1;
/** Vectors of activations per iteration, and bytes of a matrix vector by format. */
const steps = 2;
const matrixBytes: Readonly<Record<DotNumbers, number>> = { bfloat16: 64, mixed: 32 };

/**
 * Emits a subroutine that multiplies rows by 4 rows of the matrix. r14: source, r9: its bytes per row; r13: rows of the
 * matrix, r15: their bytes per row; r12: rows; rdx: iterations of the innermost loop; rsi: result, r11: its bytes per
 * row; rbx: distance from the result to the initial values of the sums; r10: address of the data to prefetch into the
 * L2 cache. Changes rax, rcx, rsi, rdi, r8, r10, r12 and r14.
 */
export function emitDots(
  code: Assembler,
  { lanes }: PanelConstants,
  adds: boolean,
  numbers: DotNumbers = "bfloat16",
): Label {
  const [start, many] = [code.label(), code.label()];
  code.bind(start);
  code.store(distance, "rbx");
  code.store(ahead, "r10");
  code.addressOf("rcx", lanes);
  code.constant("rax", BigInt(dotColumns));
  emitLanesBelow(code, columnsMask, "rax", "rcx");
  // with one or two tiles, each prefetches as much as all of the next rows; with more, each prefetches a quarter
  code.compare("r12", 2 * tileRows + 1);
  code.jumpIf("greaterOrEqual", many);
  emitTiles(code, { adds, numbers, aheadLines: dotColumns });
  code.bind(many);
  emitTiles(code, { adds, numbers, aheadLines: 1 });
  return start;
}

/** Kind of tile, and the number of cache lines to prefetch per line of a matrix row. */
interface TileKind {
  readonly adds: boolean;
  readonly numbers: DotNumbers;
  readonly aheadLines: number;
}

/** Emits complete tiles, a tile for the remaining rows, and the return. */
function emitTiles(code: Assembler, kind: TileKind): void {
  const [next, done] = [code.label(), code.label()];
  code.bind(next);
  for (let rows = tileRows; rows > 0; rows--) {
    const fewer = code.label();
    code.compare("r12", rows);
    code.jumpIf("less", fewer);
    emitTile(code, rows, kind);
    if (rows === tileRows) {
      code.address("r14", { base: "r14", index: "r9", scale: tileRows });
      code.address("rsi", { base: "rsi", index: "r11", scale: tileRows });
      code.subtract("r12", tileRows);
      code.jump(next);
    } else code.jump(done);
    code.bind(fewer);
  }
  code.bind(done);
  code.return();
}

/** Scratch memory in the red zone below the stack pointer. */
const [distance, ahead]: readonly [Address, Address] = [
  { base: "rsp", offset: -8 },
  { base: "rsp", offset: -16 },
];

const sum = (row: number, column: number): number => row * dotColumns + column;

/** Loads 16 bfloat16 numbers as float32. */
export function emitWidened(code: Assembler, to: number, from: Address): void {
  code.vector("vpmovzxwd", to, from);
  code.vectorShiftLeft(to, to, 16);
}

function emitTile(code: Assembler, rows: number, { adds, numbers, aheadLines }: TileKind): void {
  const multiply = numbers === "mixed" ? "vfmadd231ps" : "vdpbf16ps";
  for (let at = 0; at < tileRows * dotColumns; at++) code.vector("vpxord", at, at, at);
  const [matrix, source] = [16, 20];
  code.move("r8", "r14");
  code.address("r10", { base: "r9", index: "r9", scale: 2 });
  code.add("r10", "r8"); // row 3
  code.move("rcx", "r13");
  code.address("rax", { base: "r15", index: "r15", scale: 2 });
  code.add("rax", "rcx"); // row 3
  code.move("rdi", "rdx");
  code.load("rbx", ahead);
  const round = code.label();
  code.bind(round);
  const ofMatrix = matrixBytes[numbers];
  for (let step = 0; step < steps; step++) {
    for (let line = 0; line < aheadLines && (step * ofMatrix) % 64 === 0; line++)
      code.prefetch({ base: "rbx", offset: aheadLines * step * ofMatrix + 64 * line });
    for (let column = 0; column < dotColumns; column++) {
      const from = { ...rowAddress(column, "rcx", "r15", "rax"), offset: step * ofMatrix };
      if (numbers === "mixed") emitWidened(code, matrix + column, from);
      else code.vector("load", matrix + column, from);
    }
    for (let row = 0; row < rows; row++) {
      code.vector("load", source + row, { ...rowAddress(row, "r8", "r9", "r10"), offset: 64 * step });
      for (let column = 0; column < dotColumns; column++)
        code.vector(multiply, sum(row, column), matrix + column, source + row);
    }
  }
  for (const one of ["r8", "r10"] as const) code.add(one, 64 * steps);
  for (const one of ["rcx", "rax"] as const) code.add(one, ofMatrix * steps);
  code.add("rbx", aheadLines * ofMatrix * steps);
  code.subtract("rdi", 1);
  code.jumpIf("notEqual", round);
  code.store(ahead, "rbx");
  code.load("rbx", distance);
  emitLaneSums(code);
  code.move("rcx", "rsi");
  for (let row = 0; row < rows; row++) {
    // moves the row's four sums to the lowest lanes
    code.vector("vshuff32x4", 1, 0, 0, row);
    if (adds) code.masked("vaddps", 1, { base: "rcx", index: "rbx" }, 1, columnsMask);
    code.masked("store", 1, { base: "rcx" }, null, columnsMask);
    if (row < rows - 1) code.add("rcx", "r11");
  }
}

/** Address of one of 4 rows that are `stride` bytes apart. */
function rowAddress(row: number, first: Register, stride: Register, last: Register): Address {
  if (row === tileRows - 1) return { base: last };
  return row === 0 ? { base: first } : { base: first, index: stride, scale: row as 1 | 2 };
}

/** Sums the lanes of 16 registers: lane i of register 0 becomes the sum of register i. */
function emitLaneSums(code: Assembler): void {
  /** `to` = interleaved lower lanes of both + interleaved upper lanes of both. */
  const fold = (to: number, first: number, second: number, by: "ps" | "pd"): void => {
    code.vector(`vunpckl${by}`, 16, second, first);
    code.vector(`vunpckh${by}`, 17, second, first);
    code.vector("vaddps", to, 16, 17);
  };
  for (let pair = 0; pair < 8; pair++) fold(pair, 2 * pair, 2 * pair + 1, "ps");
  for (let row = 0; row < 4; row++) fold(row, 2 * row, 2 * row + 1, "pd");
  // each quarter of register i now holds a part of the sums of row i
  const quarters = (to: number, first: number, second: number, choices: readonly [number, number]): void => {
    for (const [at, choice] of choices.entries()) code.vector("vshuff32x4", 16 + at, second, first, choice);
    code.vector("vaddps", to, 16, 17);
  };
  const [halves, alternate] = [[0x44, 0xee] as const, [0x88, 0xdd] as const];
  quarters(0, 0, 1, halves);
  quarters(1, 2, 3, halves);
  quarters(0, 0, 1, alternate);
}
