/**
 * @file Machine code that copies a block of a stored matrix to a panel: bfloat16, in the order that `vdpbf16ps` reads.
 *
 * A panel holds 64 columns of the product by up to 512 of its inner numbers, as pairs of inner numbers for each column:
 * `[inner / 2, 64, 2]`. Each product fills its panels again, and they stay in the L2 cache. So a matrix is stored only
 * once, in any format, for the product and its gradient. Copying takes 2 to 4 % of the time of a product with 256 rows.
 */
import { nf4Values } from "../weights/index.ts";
import type { MatrixFormat } from "./operator-kinds.ts";
import {
  type Address,
  type Assembler,
  registers as generalRegisters,
  type Label,
  type Register,
} from "./x64.ts";

/** Columns of a panel. */
export const panelColumns = 64;
/** Maximum inner numbers of a panel. */
export const panelInner = 512;

/** Codes that share a scale, in a row of the matrix. */
const scaleBlock = 64;

/** Bytes of 32 numbers of a row. */
const bytesOf32: Readonly<Record<MatrixFormat, number>> = { bfloat16: 64, float32: 128, nf4: 16 };

/** Bytes of `count` numbers of a row, a multiple of 32. */
export function rowBytes(format: MatrixFormat, count: number): number {
  return (count / 32) * bytesOf32[format];
}

/** Bytes of the scales of `count` numbers of a row; 0 if the format has none. */
export function scaleBytes(format: MatrixFormat, count: number): number {
  return format === "nf4" ? (count / scaleBlock) * 4 : 0;
}

/** Constants embedded in the code. */
export interface PanelConstants {
  /** Permutation that interleaves the lower and upper 16 words of a register. */
  readonly interleave: Label;
  /** The 16 values of NF4. */
  readonly nf4: Label;
  /** 15 in each 32-bit lane. */
  readonly lowNibble: Label;
  /** The index of each 32-bit lane. */
  readonly lanes: Label;
}

/** Emits the constants; execution must not reach them. */
export function emitPanelConstants(code: Assembler): PanelConstants {
  const bytes = (numbers: Uint16Array | Float32Array | Uint32Array): Uint8Array =>
    new Uint8Array(numbers.buffer);
  return {
    interleave: code.data(bytes(Uint16Array.from({ length: 32 }, (_, at) => (at >> 1) + 16 * (at % 2)))),
    nf4: code.data(bytes(Float32Array.from(nf4Values))),
    lowNibble: code.data(bytes(new Uint32Array(16).fill(15))),
    lanes: code.data(bytes(Uint32Array.from({ length: 16 }, (_, lane) => lane))),
  };
}

/** Vector registers that `read32` uses for constants, and those that it may overwrite. */
const registers = { interleave: 31, values: 30, low: 29, scale: 28, even: 27, odd: 26 };

/**
 * Emits a subroutine that fills a panel from rows of the matrix, which are columns of the product (x W^T).
 *
 * rsi: first of 64 rows, at its first inner number; rdx: bytes per row; rcx: inner numbers, a multiple of 64; rdi:
 * panel; r10: scales of the first row, r11: their bytes per row. Changes rax, rcx, rsi, rdi, r8 to r11.
 */
export function emitPackRows(code: Assembler, format: MatrixFormat, constants: PanelConstants): Label {
  const start = code.label();
  const load = (): void => {
    if (format === "nf4") loadConstants(code, format, constants);
  };
  code.bind(start);
  // 64 rows by 32 inner numbers, 16 rows at a time: 16 rows of 16 pairs are transposed
  code.move("r8", "rsi");
  code.move("r9", "r10");
  for (let group = 0; group < panelColumns; group += 16) {
    load();
    for (let row = 0; row < 16; row++) {
      read32(code, format, row, { base: "r8" }, { base: "r9" });
      code.add("r8", "rdx");
      if (format === "nf4") code.add("r9", "r11");
    }
    emitTranspose(code, (column, register) => {
      code.vector("store", register, { base: "rdi", offset: 4 * (column * panelColumns + group) });
    });
  }
  code.add("rdi", 32 * panelColumns * 2);
  code.add("rsi", bytesOf32[format]);
  if (format === "nf4") nextScale(code);
  code.subtract("rcx", 32);
  code.jumpIf("notEqual", start);
  code.return();
  return start;
}

/** Advances to the next scale after every second step of 32 numbers, as bit 5 of `rcx` indicates. */
function nextScale(code: Assembler): void {
  const same = code.label();
  code.move("rax", "rcx");
  code.and("rax", 32);
  code.compare("rax", 0);
  code.jumpIf("equal", same);
  code.add("r10", 4);
  code.bind(same);
}

/**
 * Emits a subroutine that fills a panel from columns of the matrix, whose rows are the inner numbers (g W).
 *
 * rsi: first row, at the first of 64 columns; rdx: bytes per row; rcx: rows, a multiple of 2; rdi: panel; r10: scale of
 * the first row, r11: bytes of scales per row. Changes rax, rcx, rsi, rdi, r8 to r10.
 */
export function emitPackColumns(code: Assembler, format: MatrixFormat, constants: PanelConstants): Label {
  const [start, pair] = [code.label(), code.label()];
  code.bind(start);
  loadConstants(code, format, constants);
  code.bind(pair);
  code.address("r8", { base: "rsi", index: "rdx" });
  if (format === "nf4") code.address("r9", { base: "r10", index: "r11" });
  for (let half = 0; half < 2; half++) {
    const offset = half * bytesOf32[format];
    read32(code, format, 0, { base: "rsi", offset }, { base: "r10" });
    read32(code, format, 1, { base: "r8", offset }, { base: "r9" });
    // interleaves the lower 16 words of both rows, then the upper ones, into two registers of pairs
    code.vector("vshuff32x4", 2, 1, 0, 0x44);
    code.vector("vshuff32x4", 3, 1, 0, 0xee);
    for (const [quarter, register] of [2, 3].entries()) {
      code.vector("vpermw", register, register, registers.interleave);
      code.vector("store", register, { base: "rdi", offset: 64 * (2 * half + quarter) });
    }
  }
  code.add("rdi", panelColumns * 4);
  code.address("rsi", { base: "rsi", index: "rdx", scale: 2 });
  if (format === "nf4") code.address("r10", { base: "r10", index: "r11", scale: 2 });
  code.subtract("rcx", 2);
  code.jumpIf("notEqual", pair);
  code.return();
  return start;
}

/** Numbers that `emitPackThinRows` copies from a row at once. */
const thinNumbers = 8;

/**
 * Emits a subroutine that fills a panel from rows of a float32 matrix with few columns, such as LoRA's B.
 *
 * rsi: first of 64 rows; rcx: columns, a multiple of 8; rdi: panel. Changes rax, rcx, rdx, rsi, rdi and r8 to r10.
 */
export function emitPackThinRows(code: Assembler): Label {
  const [start, row] = [code.label(), code.label()];
  code.bind(start);
  code.move("rdx", "rcx");
  code.shiftLeft("rdx", 2); // bytes per row
  const scratch = { base: "rsp", offset: -128 } as const; // in the red zone below the stack pointer
  const group = code.label();
  code.bind(group);
  code.move("r8", "rsi");
  code.move("r9", "rdi");
  code.constant("rax", BigInt(panelColumns));
  code.bind(row);
  code.vector("vbroadcasti64x4", 0, { base: "r8" });
  code.vector("vcvtne2ps2bf16", 0, 0, 0);
  code.vector("store", 0, scratch);
  for (let pair = 0; pair < thinNumbers / 2; pair++) {
    code.loadHalf("r10", { ...scratch, offset: scratch.offset + 4 * pair });
    code.storeHalf({ base: "r9", offset: 4 * panelColumns * pair }, "r10");
  }
  code.add("r8", "rdx");
  code.add("r9", 4);
  code.subtract("rax", 1);
  code.jumpIf("notEqual", row);
  code.add("rsi", 4 * thinNumbers);
  code.add("rdi", 2 * thinNumbers * panelColumns);
  code.subtract("rcx", thinNumbers);
  code.jumpIf("notEqual", group);
  code.return();
  return start;
}

/**
 * Emits a subroutine that copies a row as bfloat16. rsi: row; rcx: its numbers, a multiple of 64; rdi: the copy; r10:
 * its scales. Changes rax, rcx, rsi, rdi and r10; afterwards rdi points to the end of the copy.
 */
export function emitExpandRow(code: Assembler, format: MatrixFormat, constants: PanelConstants): Label {
  const [start, next] = [code.label(), code.label()];
  code.bind(start);
  loadConstants(code, format, constants);
  code.bind(next);
  read32(code, format, 0, { base: "rsi" }, { base: "r10" });
  code.vector("store", 0, { base: "rdi" });
  code.add("rdi", 64);
  code.add("rsi", bytesOf32[format]);
  if (format === "nf4") nextScale(code);
  code.subtract("rcx", 32);
  code.jumpIf("notEqual", next);
  code.return();
  return start;
}

/** Sets a mask register to the lanes below a count. `lanes`: address of the lane indices. Changes vectors 30 and 31. */
export function emitLanesBelow(code: Assembler, mask: number, count: Register, lanes: Register): void {
  const isBelow = 1;
  code.vector("load", 31, { base: lanes });
  code.vector("vpbroadcastr", 30, generalRegisters[count]);
  code.vector("vpcmpud", mask, 30, 31, isBelow);
}

function loadConstants(code: Assembler, format: MatrixFormat, constants: PanelConstants): void {
  const read = (label: Label, register: number): void => {
    code.addressOf("rax", label);
    code.vector("load", register, { base: "rax" });
  };
  read(constants.interleave, registers.interleave);
  if (format !== "nf4") return;
  read(constants.nf4, registers.values);
  read(constants.lowNibble, registers.low);
}

/** Reads 32 numbers of a row as bfloat16, in order. */
function read32(code: Assembler, format: MatrixFormat, to: number, from: Address, scale: Address): void {
  if (format === "bfloat16") {
    code.vector("load", to, from);
    return;
  }
  if (format === "float32") {
    const offset = (from.offset ?? 0) + 64;
    code.vector("load", registers.odd, { ...from, offset });
    code.vector("vcvtne2ps2bf16", to, from, registers.odd);
    return;
  }
  const { values, low, even, odd, interleave } = registers;
  code.vector("vpmovzxbd", odd, from);
  code.vector("vbroadcastss", registers.scale, scale);
  code.vectorShiftRight(even, odd, 4);
  code.vector("vpandd", odd, odd, low);
  code.vector("vpermps", even, values, even);
  code.vector("vpermps", odd, values, odd);
  code.vector("vmulps", even, even, registers.scale);
  code.vector("vmulps", odd, odd, registers.scale);
  code.vector("vcvtne2ps2bf16", to, even, odd);
  code.vector("vpermw", to, to, interleave);
}

/**
 * Transposes 16 registers of 16 32-bit lanes: lane j of register i becomes lane i of column j.
 *
 * @param store receives each column with the register that holds it
 */
function emitTranspose(code: Assembler, store: (column: number, register: number) => void): void {
  // transposes 4 rows by 4 columns within each 128 bits
  for (let quad = 0; quad < 16; quad += 4) {
    for (const [at, high] of [0, 2].entries()) {
      code.vector("vunpcklps", 16 + quad + 2 * at, quad + high + 1, quad + high);
      code.vector("vunpckhps", 17 + quad + 2 * at, quad + high + 1, quad + high);
    }
    for (let upper = 0; upper < 2; upper++) {
      const [a, c] = [16 + quad + upper, 18 + quad + upper];
      code.vector("vunpcklpd", quad + 2 * upper, c, a);
      code.vector("vunpckhpd", quad + 2 * upper + 1, c, a);
    }
  }
  // register 4 q + i now holds rows 4 q to 4 q + 3 of columns i, 4 + i, 8 + i and 12 + i; exchanges the quarters
  for (let inside = 0; inside < 4; inside++) {
    const [even, odd] = [0x88, 0xdd];
    for (const [at, choice] of [even, odd].entries()) {
      code.vector("vshuff32x4", 16, 4 + inside, inside, choice);
      code.vector("vshuff32x4", 17, 12 + inside, 8 + inside, choice);
      code.vector("vshuff32x4", 18, 17, 16, even);
      code.vector("vshuff32x4", 19, 17, 16, odd);
      store(4 * at + inside, 18);
      store(4 * (at + 2) + inside, 19);
    }
  }
}
