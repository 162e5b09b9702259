/**
 * @file Products and copies that attention's kernels consist of, as subroutines.
 *
 * One side of attention lies in lanes, transposed: `[width, 48]`. The other side passes by row after row, as it lies
 * in memory, each number spread over a vector. So no matrix of keys or values is ever rearranged.
 *
 * @source Goto and van de Geijn 2008 (ACM TOMS 34, 12): register tiles
 */
import { laneBytes, laneVectors, tileRows } from "./flash-frame.ts";
import type { Address, Assembler, Label, Register } from "./x64.ts";

/** Steps of one round of a product's innermost loop. */
const unrolled = 4;
/** Numbers of one round of a copy. */
const copied = 8;

/** Labels of the subroutines. */
export interface Subroutines {
  readonly scores: Label;
  readonly mix: Label;
  readonly gather: Label;
  readonly scatter: Label;
}

/** Emits all subroutines. */
export function emitSubroutines(code: Assembler): Subroutines {
  return {
    scores: subroutine(code, emitScores),
    mix: subroutine(code, emitMix),
    gather: subroutine(code, (inner) => emitCopy(inner, true)),
    scatter: subroutine(code, (inner) => emitCopy(inner, false)),
  };
}

function subroutine(code: Assembler, body: (code: Assembler) => void): Label {
  const label = code.label();
  code.bind(label);
  body(code);
  code.return();
  return label;
}

const sum = (row: number, column: number): number => row * laneVectors + column;
const lanes = (column: number): number => tileRows * laneVectors + column;
const single = (row: number): number => tileRows * laneVectors + laneVectors + (row % 4);

/**
 * Rows by lanes: r12 rows at r8, r9 bytes apart, of r13 numbers; lanes at rdx; result at rdi. Uses rax, rcx, rsi, r10,
 * r11 and changes r8, r12, rdi.
 */
function emitScores(code: Assembler): void {
  const [whole, rest, done] = [code.label(), code.label(), code.label()];
  code.bind(whole);
  code.compare("r12", tileRows);
  code.jumpIf("less", rest);
  code.address("r10", { base: "r8", index: "r9", scale: 2 });
  code.add("r10", "r9");
  code.address("r11", { base: "r10", index: "r9", scale: 2 });
  code.add("r11", "r9");
  emitScoreTile(code, tileRows);
  code.address("r8", { base: "rax", index: "r9", scale: 8 });
  code.subtract("r12", tileRows);
  code.jump(whole);
  code.bind(rest);
  code.compare("r12", 1);
  code.jumpIf("less", done);
  emitScoreTile(code, 1);
  code.address("r8", { base: "rax", index: "r9" });
  code.subtract("r12", 1);
  code.jump(rest);
  code.bind(done);
}

/** `rows` rows by lanes; rax keeps their start. */
function emitScoreTile(code: Assembler, rows: number): void {
  const bases: readonly Register[] = ["r8", "r10", "r11"];
  const number = (row: number, step: number): Address => ({
    base: bases[Math.floor(row / 3)] as Register,
    ...(row % 3 > 0 && { index: "r9" as const, scale: (row % 3) as 1 | 2 }),
    offset: 4 * step,
  });
  for (let at = 0; at < rows * laneVectors; at++) code.vector("vpxord", at, at, at);
  code.move("rax", "r8");
  code.move("rsi", "rdx");
  code.move("rcx", "r13");
  const round = code.label();
  code.bind(round);
  for (let step = 0; step < unrolled; step++) {
    for (let column = 0; column < laneVectors; column++)
      code.vector("load", lanes(column), { base: "rsi", offset: laneBytes * step + 64 * column });
    for (let row = 0; row < rows; row++) {
      code.vector("vbroadcastss", single(row), number(row, step));
      for (let column = 0; column < laneVectors; column++)
        code.vector("vfmadd231ps", sum(row, column), lanes(column), single(row));
    }
  }
  for (const base of bases.slice(0, Math.ceil(rows / 3))) code.add(base, 4 * unrolled);
  code.add("rsi", laneBytes * unrolled);
  code.subtract("rcx", unrolled);
  code.jumpIf("notEqual", round);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < laneVectors; column++)
      code.vector("store", sum(row, column), { base: "rdi", offset: laneBytes * row + 64 * column });
  }
  code.add("rdi", laneBytes * rows);
}

/**
 * Adds to a matrix of lanes at rdi, times the factors at r14, the product of r12 rows (at r8, r9 bytes apart, of r13
 * numbers), transposed, and their rows of lanes at rdx. A chunk is summed before it is added: sums of long rows are
 * as precise as those of short ones. Uses rax, rcx, rsi and changes r8, rdi, r13.
 */
function emitMix(code: Assembler): void {
  const [tile, round] = [code.label(), code.label()];
  code.bind(tile);
  for (let at = 0; at < tileRows * laneVectors; at++) code.vector("vpxord", at, at, at);
  code.move("rax", "r8");
  code.move("rsi", "rdx");
  code.move("rcx", "r12");
  code.bind(round);
  for (let column = 0; column < laneVectors; column++)
    code.vector("load", lanes(column), { base: "rsi", offset: 64 * column });
  for (let row = 0; row < tileRows; row++) {
    code.vector("vbroadcastss", single(row), { base: "rax", offset: 4 * row });
    for (let column = 0; column < laneVectors; column++)
      code.vector("vfmadd231ps", sum(row, column), lanes(column), single(row));
  }
  code.add("rax", "r9");
  code.add("rsi", laneBytes);
  code.subtract("rcx", 1);
  code.jumpIf("notEqual", round);
  for (let column = 0; column < laneVectors; column++)
    code.vector("load", lanes(column), { base: "r14", offset: 64 * column });
  for (let row = 0; row < tileRows; row++) {
    for (let column = 0; column < laneVectors; column++) {
      const before = { base: "rdi", offset: laneBytes * row + 64 * column } as const;
      code.vector("vfmadd231ps", sum(row, column), before, lanes(column));
      code.vector("store", sum(row, column), before);
    }
  }
  code.add("r8", 4 * tileRows);
  code.add("rdi", laneBytes * tileRows);
  code.subtract("r13", tileRows);
  code.jumpIf("notEqual", tile);
}

/**
 * Copies r12 rows at r8, r9 bytes apart, of r13 numbers, into the lanes of a zeroed matrix at rdi, or back. Uses rax,
 * rcx, rdx, rsi and changes r8, rdi, r12.
 */
function emitCopy(code: Assembler, isGather: boolean): void {
  const [row, round] = [code.label(), code.label()];
  if (isGather) emitZero(code);
  code.bind(row);
  code.move("rsi", "r8");
  code.move("rdx", "rdi");
  code.move("rcx", "r13");
  code.bind(round);
  for (let at = 0; at < copied; at++) {
    const [outside, inside] = [
      { base: "rsi", offset: 4 * at },
      { base: "rdx", offset: laneBytes * at },
    ] as const;
    code.loadHalf("rax", isGather ? outside : inside);
    code.storeHalf(isGather ? inside : outside, "rax");
  }
  code.add("rsi", 4 * copied);
  code.add("rdx", laneBytes * copied);
  code.subtract("rcx", copied);
  code.jumpIf("notEqual", round);
  code.add("r8", "r9");
  code.add("rdi", 4);
  code.subtract("r12", 1);
  code.jumpIf("notEqual", row);
}

/** Zeroes the matrix of r13 rows of lanes at rdi; uses rcx, rsi. */
export function emitZero(code: Assembler): void {
  const round = code.label();
  code.vector("vpxord", 0, 0, 0);
  code.move("rsi", "rdi");
  code.move("rcx", "r13");
  code.bind(round);
  for (let column = 0; column < laneVectors; column++)
    code.vector("store", 0, { base: "rsi", offset: 64 * column });
  code.add("rsi", laneBytes);
  code.subtract("rcx", 1);
  code.jumpIf("notEqual", round);
}
