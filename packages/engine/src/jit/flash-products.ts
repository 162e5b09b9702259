/**
 * @file Subroutines for the products and copies in the attention kernels.
 *
 * One side of attention is transposed into lanes: `[width, 48]`. The other side is streamed row by row in its memory
 * layout, and each number is broadcast to a vector. So complete key and value matrices are never rearranged.
 *
 * With bfloat16, each step processes a pair of numbers, which halves the number of steps: pairs of neighbors in a row
 * for scores, and of two adjacent rows for weighted sums. Lanes and weights are converted to pairs in place, the
 * streamed side chunk by chunk. Sums stay float32.
 */
import { laneBytes, laneVectors, taskMatrix, tileRows } from "./flash-frame.ts";
import type { Address, Assembler, Label, Register } from "./x64.ts";

/** Steps per iteration of a product's innermost loop. */
const unrolled = 4;
/** Numbers per iteration of a copy. */
const copied = 8;

/** Labels of the subroutines. */
export interface Subroutines {
  readonly scores: Label;
  readonly mix: Label;
  readonly gather: Label;
  readonly scatter: Label;
  /** Converts rows of lanes to pairs; `null` for float32 products. */
  readonly pairLanes: Label | null;
}

/** Number format of the products' factors. */
export type FlashNumbers = "float32" | "bfloat16";

/** Emits all subroutines. */
export function emitSubroutines(code: Assembler, numbers: FlashNumbers): Subroutines {
  const isNarrow = numbers === "bfloat16";
  const interleave = isNarrow ? code.data(interleaveWords()) : null;
  const pairLanes = interleave && subroutine(code, (inner) => emitPairLanes(inner, interleave));
  return {
    pairLanes,
    scores: subroutine(code, (inner) => {
      if (isNarrow) emitNarrowRows(inner);
      emitScores(inner, isNarrow);
    }),
    mix: subroutine(code, (inner) => {
      if (interleave && pairLanes) {
        emitPairRows(inner, interleave);
        inner.call(pairLanes);
        // now in pairs: r12 is their number, r8 and r9 are the chunk's address and bytes per row
        inner.add("r12", 1);
        inner.shiftRight("r12", 1);
        inner.address("r8", narrowMatrix);
        inner.move("r9", "r13");
        inner.shiftLeft("r9", 2);
      }
      emitMix(inner, isNarrow);
    }),
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

/** A chunk in bfloat16, addressed from a subroutine, whose return address takes 8 bytes. */
const narrowMatrix: Address = { base: "rsp", offset: (taskMatrix("narrow").offset ?? 0) + 8 };

/** Permutation that interleaves the lower and upper 16 words of a register. */
function interleaveWords(): Uint8Array {
  return new Uint8Array(Uint16Array.from({ length: 32 }, (_, at) => (at >> 1) + 16 * (at % 2)).buffer);
}

/** Converts r12 rows at r8, r9 bytes apart, of r13 numbers to bfloat16; r8, r9 and r13 then describe the pairs. */
function emitNarrowRows(code: Assembler): void {
  const [row, round] = [code.label(), code.label()];
  code.address("r11", narrowMatrix);
  code.move("rsi", "r12");
  code.bind(row);
  code.move("r10", "r8");
  code.move("rcx", "r13");
  code.bind(round);
  code.vector("load", 0, { base: "r10", offset: 64 });
  code.vector("vcvtne2ps2bf16", 0, { base: "r10" }, 0);
  code.vector("store", 0, { base: "r11" });
  code.add("r10", 128);
  code.add("r11", 64);
  code.subtract("rcx", 32);
  code.jumpIf("notEqual", round);
  code.add("r8", "r9");
  code.subtract("rsi", 1);
  code.jumpIf("notEqual", row);
  code.address("r8", narrowMatrix);
  code.move("r9", "r13");
  code.shiftLeft("r9", 1);
  code.shiftRight("r13", 1);
}

/** Combines the numbers at an address and in register 1 to pairs in register 0; register 2: the permutation. */
function emitPair(code: Assembler, first: Address): void {
  code.vector("vcvtne2ps2bf16", 0, first, 1);
  code.vector("vpermw", 0, 0, 2);
}

/** Loads the permutation for pairs; uses rax. */
function emitIndex(code: Assembler, interleave: Label): void {
  code.addressOf("rax", interleave);
  code.vector("load", 2, { base: "rax" });
}

/**
 * Writes pairs from r12 rows at r8, r9 bytes apart, of r13 numbers; an odd last row is paired with zeros. Uses rax,
 * rsi, r8, r10, r11.
 */
function emitPairRows(code: Assembler, interleave: Label): void {
  const [pair, round, alone, both] = [code.label(), code.label(), code.label(), code.label()];
  emitIndex(code, interleave);
  code.address("r11", narrowMatrix);
  code.move("rsi", "r12");
  code.bind(pair);
  code.constant("rax", 0n);
  code.bind(round);
  code.compare("rsi", 1);
  code.jumpIf("equal", alone);
  code.address("r10", { base: "r8", index: "r9" });
  code.vector("load", 1, { base: "r10", index: "rax", scale: 4 });
  code.jump(both);
  code.bind(alone);
  code.vector("vpxord", 1, 1, 1);
  code.bind(both);
  emitPair(code, { base: "r8", index: "rax", scale: 4 });
  code.vector("store", 0, { base: "r11", index: "rax", scale: 4 });
  code.add("rax", 16);
  code.compare("rax", "r13");
  code.jumpIf("less", round);
  code.address("r8", { base: "r8", index: "r9", scale: 2 });
  code.address("r11", { base: "r11", index: "r13", scale: 4 });
  code.subtract("rsi", 2);
  code.compare("rsi", 1);
  code.jumpIf("greaterOrEqual", pair);
}

/** Converts r12 rows of lanes at rdx to pairs in place; an odd last row is paired with 0. Uses rax, rcx, rsi, r10. */
function emitPairLanes(code: Assembler, interleave: Label): void {
  const [pair, alone] = [code.label(), code.label()];
  const done = code.label();
  emitIndex(code, interleave);
  code.move("rsi", "rdx");
  code.move("r10", "rdx");
  code.move("rcx", "r12");
  const store = (column: number): void => {
    emitPair(code, { base: "rsi", offset: 64 * column });
    code.vector("store", 0, { base: "r10", offset: 64 * column });
  };
  code.bind(pair);
  code.compare("rcx", 1);
  code.jumpIf("less", done);
  code.jumpIf("equal", alone);
  for (let column = 0; column < laneVectors; column++) {
    code.vector("load", 1, { base: "rsi", offset: laneBytes + 64 * column });
    store(column);
  }
  code.add("rsi", 2 * laneBytes);
  code.add("r10", laneBytes);
  code.subtract("rcx", 2);
  code.jump(pair);
  code.bind(alone);
  code.vector("vpxord", 1, 1, 1);
  for (let column = 0; column < laneVectors; column++) store(column);
  code.bind(done);
}

/**
 * Multiplies rows by lanes: r12 rows at r8, r9 bytes apart, of r13 numbers; lanes at rdx; result at rdi. Uses rax, rcx,
 * rsi, r10, r11 and changes r8, r12, rdi.
 */
function emitScores(code: Assembler, isNarrow: boolean): void {
  const [whole, rest, done] = [code.label(), code.label(), code.label()];
  code.bind(whole);
  code.compare("r12", tileRows);
  code.jumpIf("less", rest);
  code.address("r10", { base: "r8", index: "r9", scale: 2 });
  code.add("r10", "r9");
  code.address("r11", { base: "r10", index: "r9", scale: 2 });
  code.add("r11", "r9");
  emitScoreTile(code, tileRows, isNarrow);
  code.address("r8", { base: "rax", index: "r9", scale: 8 });
  code.subtract("r12", tileRows);
  code.jump(whole);
  code.bind(rest);
  code.compare("r12", 1);
  code.jumpIf("less", done);
  emitScoreTile(code, 1, isNarrow);
  code.address("r8", { base: "rax", index: "r9" });
  code.subtract("r12", 1);
  code.jump(rest);
  code.bind(done);
}

/** Multiplies `rows` rows by lanes; rax keeps the start of the rows. */
function emitScoreTile(code: Assembler, rows: number, isNarrow: boolean): void {
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
        code.vector(isNarrow ? "vdpbf16ps" : "vfmadd231ps", sum(row, column), lanes(column), single(row));
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
 * Scales a matrix of lanes at rdi by the factors at r14, and adds the product of r12 rows, transposed (at r8, r9 bytes
 * apart, of r13 numbers), and their rows of lanes at rdx. Each chunk is summed before it is added, so that sums over
 * long rows are as precise as those over short ones. Uses rax, rcx, rsi and changes r8, rdi, r13.
 */
function emitMix(code: Assembler, isNarrow: boolean): void {
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
      code.vector(isNarrow ? "vdpbf16ps" : "vfmadd231ps", sum(row, column), lanes(column), single(row));
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

/** Zeroes a matrix of r13 rows of lanes at rdi; uses rcx, rsi. */
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
