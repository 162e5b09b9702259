/**
 * @file Assembles x86-64 machine code with AVX-512: the instructions that the kernels here need.
 *
 * Memory operands always have a 32-bit displacement. This takes a few more bytes, but avoids EVEX's compressed
 * displacements, which are error-prone.
 *
 * @source Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: chapter 2 (REX, VEX and EVEX
 *   prefixes, ModR/M and SIB bytes) and the instructions' own pages
 */

/** Numbers of the general registers. */
export const registers: Readonly<Record<Register, number>> = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rsp: 4,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r10: 10,
  r11: 11,
  r12: 12,
  r13: 13,
  r14: 14,
  r15: 15,
};

/** A 64-bit general register. */
export type Register =
  | ("rax" | "rcx" | "rdx" | "rbx" | "rsp" | "rbp" | "rsi" | "rdi")
  | ("r8" | "r9" | "r10" | "r11" | "r12" | "r13" | "r14" | "r15");

/** `base + index * scale + offset`. */
export interface Address {
  readonly base: Register;
  readonly index?: Register;
  readonly scale?: 1 | 2 | 4 | 8;
  readonly offset?: number;
}

/** Condition codes after a comparison, signed and unsigned. */
const conditions = {
  below: 2,
  aboveOrEqual: 3,
  equal: 4,
  notEqual: 5,
  less: 12,
  greaterOrEqual: 13,
} as const;

/** A condition. */
export type Condition = keyof typeof conditions;

/**
 * A vector instruction: opcode map (1: 0F, 2: 0F38, 3: 0F3A), mandatory prefix (0: none, 1: 66, 2: F3, 3: F2), opcode,
 * and whether EVEX.W is set, as for 64-bit lanes.
 */
interface VectorCode {
  readonly map: 1 | 2 | 3;
  readonly prefix: 0 | 1 | 2 | 3;
  readonly opcode: number;
  readonly wide?: true;
}

/** 512-bit vector instructions by their names in the manual, except `load` and `store` (`vmovups`). */
export type VectorInstruction =
  | "load"
  | "store"
  | "vaddps"
  | "vpxord"
  | "vpbroadcastd"
  | "vdpbf16ps"
  | "vcvtne2ps2bf16"
  | "vbroadcasti64x4"
  | "vinserti64x4"
  | "vpermw"
  | "vpermps"
  | "vunpcklps"
  | "vunpckhps"
  | "vunpcklpd"
  | "vunpckhpd"
  | "vshuff32x4"
  | "vpmovzxbd"
  | "vpmovzxwd"
  | "vpandd"
  | "vmulps"
  | "vbroadcastss"
  | "vsubps"
  | "vdivps"
  | "vmaxps"
  | "vfmadd231ps"
  | "vfmadd213ps"
  | "vfnmadd231ps"
  | "vrndscaleps"
  | "vscalefps"
  | "vpbroadcastr"
  | "vpaddd"
  | "vpcmpud"
  | "vblendmps";

/** Encodings; comments call the operands `source` and `second` as `vector` does. */
const vectorCodes: Readonly<Record<VectorInstruction, VectorCode>> = {
  load: { map: 1, prefix: 0, opcode: 0x10 },
  store: { map: 1, prefix: 0, opcode: 0x11 },
  vaddps: { map: 1, prefix: 0, opcode: 0x58 },
  vpxord: { map: 1, prefix: 1, opcode: 0xef },
  /** Broadcasts 32 bits from memory to all lanes. */
  vpbroadcastd: { map: 2, prefix: 1, opcode: 0x58 },
  /** Adds the dot products of pairs of bfloat16 to float32 (AVX512-BF16). */
  vdpbf16ps: { map: 2, prefix: 2, opcode: 0x52 },
  /** Converts 32 float32 to bfloat16: `source` to the lower half, `second` to the upper one (AVX512-BF16). */
  vcvtne2ps2bf16: { map: 2, prefix: 3, opcode: 0x72 },
  /** Broadcasts 256 bits from memory to both halves. */
  vbroadcasti64x4: { map: 2, prefix: 1, opcode: 0x5b, wide: true },
  /** Inserts 256 bits from memory, into the upper half if the immediate operand is 1. */
  vinserti64x4: { map: 3, prefix: 1, opcode: 0x3a, wide: true },
  /** Permutes the 16-bit lanes of `source` by the indices in `second`. */
  vpermw: { map: 2, prefix: 1, opcode: 0x8d, wide: true },
  /** Permutes the 32-bit lanes of `source` by the indices in `second`. */
  vpermps: { map: 2, prefix: 1, opcode: 0x16 },
  /** Interleaves the lower or upper two lanes of both sources within each 128 bits, `second` first. */
  vunpcklps: { map: 1, prefix: 0, opcode: 0x14 },
  vunpckhps: { map: 1, prefix: 0, opcode: 0x15 },
  /** The same for 64-bit lanes. */
  vunpcklpd: { map: 1, prefix: 1, opcode: 0x14, wide: true },
  vunpckhpd: { map: 1, prefix: 1, opcode: 0x15, wide: true },
  /** Two quarters of `second`, then two of `source`, selected by the immediate operand. */
  vshuff32x4: { map: 3, prefix: 1, opcode: 0x23 },
  /** Zero-extends 16 bytes from memory to 32-bit lanes. */
  vpmovzxbd: { map: 2, prefix: 1, opcode: 0x31 },
  /** Zero-extends 16 16-bit numbers from memory to 32-bit lanes. */
  vpmovzxwd: { map: 2, prefix: 1, opcode: 0x33 },
  vpandd: { map: 1, prefix: 1, opcode: 0xdb },
  vmulps: { map: 1, prefix: 0, opcode: 0x59 },
  /** Broadcasts one float32 from memory to all lanes. */
  vbroadcastss: { map: 2, prefix: 1, opcode: 0x18 },
  vsubps: { map: 1, prefix: 0, opcode: 0x5c },
  vdivps: { map: 1, prefix: 0, opcode: 0x5e },
  vmaxps: { map: 1, prefix: 0, opcode: 0x5f },
  /** 231: adds the product of the sources; 213: multiplies by `second` and adds `source`; n: subtracts the product. */
  vfmadd231ps: { map: 2, prefix: 1, opcode: 0xb8 },
  vfmadd213ps: { map: 2, prefix: 1, opcode: 0xa8 },
  vfnmadd231ps: { map: 2, prefix: 1, opcode: 0xbc },
  /** Rounds as the immediate operand selects; 8: to the nearest integer, ties to even. */
  vrndscaleps: { map: 3, prefix: 1, opcode: 0x08 },
  /** `second` times 2 to the power of `source`. */
  vscalefps: { map: 2, prefix: 1, opcode: 0x2c },
  /** Broadcasts the low 32 bits of a general register, given by its number, to all lanes (`vpbroadcastd`). */
  vpbroadcastr: { map: 2, prefix: 1, opcode: 0x7c },
  vpaddd: { map: 1, prefix: 1, opcode: 0xfe },
  /** Sets mask bits where `second` compares to `source` as the immediate operand selects; 1: below. */
  vpcmpud: { map: 3, prefix: 1, opcode: 0x1e },
  /** `source` where the mask is set, otherwise `second`. */
  vblendmps: { map: 2, prefix: 1, opcode: 0x65 },
};

/** Added to a mask: lanes that are not selected become zero. */
export const zeroing = 0x80;

/** Added to a mask: an address operand is one number, broadcast to all lanes. */
export const oneForAll = 0x10;

/** A position in the code, bound once; jumps to it can come before or after. */
export interface Label {
  position: number | null;
  readonly uses: number[];
}

/** Collects machine code. The destination is the first operand. */
export class Assembler {
  private readonly bytes: number[] = [];
  private readonly used = new Set<Label>();

  label(): Label {
    return { position: null, uses: [] };
  }

  /** Binds a label to the current position. */
  bind(label: Label): void {
    label.position = this.bytes.length;
    for (const use of label.uses) this.patch(use, label.position - use - 4);
  }

  /** Position of the next instruction. */
  get position(): number {
    return this.bytes.length;
  }

  move(to: Register, from: Register): void {
    this.general(0x89, from, to);
  }

  /** Loads a 64-bit constant. */
  constant(to: Register, value: bigint): void {
    const code = registers[to];
    this.bytes.push(0x48 | (code >> 3), 0xb8 | (code & 7));
    for (let at = 0n; at < 64n; at += 8n) this.bytes.push(Number((value >> at) & 0xffn));
  }

  load(to: Register, from: Address): void {
    this.general(0x8b, to, from);
  }

  store(to: Address, from: Register): void {
    this.general(0x89, from, to);
  }

  /** Loads 32 bits; the upper half becomes zero. */
  loadHalf(to: Register, from: Address): void {
    this.general(0x8b, to, from, false);
  }

  /** Stores the low 32 bits. */
  storeHalf(to: Address, from: Register): void {
    this.general(0x89, from, to, false);
  }

  /** Computes an address (`lea`). */
  address(to: Register, of: Address): void {
    this.general(0x8d, to, of);
  }

  add(to: Register, from: Register | number): void {
    if (typeof from === "number") this.immediate(0, to, from);
    else this.general(0x01, from, to);
  }

  subtract(to: Register, from: Register | number): void {
    if (typeof from === "number") this.immediate(5, to, from);
    else this.general(0x29, from, to);
  }

  and(to: Register, mask: number): void {
    this.immediate(4, to, mask);
  }

  compare(one: Register, other: Register | number): void {
    if (typeof other === "number") this.immediate(7, one, other);
    else this.general(0x39, other, one);
  }

  multiply(to: Register, from: Register): void {
    this.rex(true, registers[to], 0, registers[from]);
    this.bytes.push(0x0f, 0xaf);
    this.operand(registers[to], from);
  }

  multiplyBy(to: Register, factor: number): void {
    this.general(0x69, to, to);
    this.word(factor);
  }

  /** Divides rdx:rax by a register, unsigned; the quotient goes to rax, the remainder to rdx. */
  divide(by: Register): void {
    this.rex(true, 6, 0, registers[by]);
    this.bytes.push(0xf7);
    this.operand(6, by);
  }

  shiftLeft(to: Register, bits: number): void {
    this.shift(4, to, bits);
  }

  shiftRight(to: Register, bits: number): void {
    this.shift(5, to, bits);
  }

  /** Sets the first register to the second if the condition holds. */
  moveIf(condition: Condition, to: Register, from: Register): void {
    this.rex(true, registers[to], 0, registers[from]);
    this.bytes.push(0x0f, 0x40 | conditions[condition]);
    this.operand(registers[to], from);
  }

  jump(to: Label): void {
    this.bytes.push(0xe9);
    this.target(to);
  }

  jumpIf(condition: Condition, to: Label): void {
    this.bytes.push(0x0f, 0x80 | conditions[condition]);
    this.target(to);
  }

  /** Loads the address of a label. */
  addressOf(to: Register, label: Label): void {
    this.bytes.push(0x48 | ((registers[to] >> 3) << 2), 0x8d, ((registers[to] & 7) << 3) | 5);
    this.target(label);
  }

  call(to: Register | Label): void {
    if (typeof to === "string") {
      this.rex(false, 2, 0, registers[to]);
      this.bytes.push(0xff);
      this.operand(2, to);
      return;
    }
    this.bytes.push(0xe8);
    this.target(to);
  }

  push(from: Register): void {
    this.rex(false, 0, 0, registers[from]);
    this.bytes.push(0x50 | (registers[from] & 7));
  }

  pop(to: Register): void {
    this.rex(false, 0, 0, registers[to]);
    this.bytes.push(0x58 | (registers[to] & 7));
  }

  return(): void {
    this.bytes.push(0xc3);
  }

  /** Prefetches a cache line into the L2 cache (`prefetcht1`); any address is allowed. */
  prefetch(from: Address): void {
    this.rex(false, 0, from.index ? registers[from.index] : 0, registers[from.base]);
    this.bytes.push(0x0f, 0x18);
    this.operand(2, from);
  }

  /** Emits `vzeroupper`, which avoids slow transitions to code with older vector instructions. */
  zeroUpper(): void {
    this.bytes.push(0xc5, 0xf8, 0x77);
  }

  /** Emits `cpuid`: eax and ecx select the leaf; results in eax, ebx, ecx, edx. */
  processorId(): void {
    this.bytes.push(0x0f, 0xa2);
  }

  /** Emits `xgetbv`: edx:eax holds which registers the operating system saves. */
  enabledStates(): void {
    this.bytes.push(0x0f, 0x01, 0xd0);
  }

  /**
   * Emits a 512-bit instruction. Operands are numbers of vector registers or an address; `second` is omitted if the
   * instruction has one source.
   *
   * @param last the immediate operand, if the instruction has one
   */
  vector(
    name: VectorInstruction,
    to: number,
    source: number | Address,
    second: number | null = null,
    last: number | null = null,
  ): void {
    this.evex(vectorCodes[name], { to, source, second });
    if (last !== null) this.bytes.push(last);
  }

  /**
   * Emits an instruction on selected lanes; the others stay unchanged, also in memory.
   *
   * @param mask number of a mask register, 0 for all lanes; can be combined with `zeroing` and `oneForAll`
   */
  masked(
    name: VectorInstruction,
    to: number,
    source: number | Address,
    second: number | null,
    mask: number,
  ): void {
    this.evex(vectorCodes[name], { to, source, second, mask });
  }

  /** Shifts 32-bit lanes to the right (`vpsrld`). */
  vectorShiftRight(to: number, from: number, bits: number): void {
    this.vectorShift(2, to, from, bits);
  }

  /** Shifts 32-bit lanes to the left (`vpslld`). */
  vectorShiftLeft(to: number, from: number, bits: number): void {
    this.vectorShift(6, to, from, bits);
  }

  private vectorShift(operation: number, to: number, from: number, bits: number): void {
    // the opcode extension is encoded as the destination, and the destination as the second source
    this.evex({ map: 1, prefix: 1, opcode: 0x72 }, { to: operation, source: from, second: to });
    this.bytes.push(bits);
  }

  /** Embeds data, which must not be executed. */
  data(bytes: Uint8Array): Label {
    const label = this.label();
    this.bind(label);
    for (const byte of bytes) this.bytes.push(byte);
    return label;
  }

  /**
   * The assembled code.
   *
   * @throws {Error} if a label was used but never bound
   */
  code(): Uint8Array {
    for (const label of this.used)
      if (label.position === null) throw new Error("a label of the code was never bound");
    return Uint8Array.from(this.bytes);
  }

  private evex(
    { map, prefix, opcode, wide }: VectorCode,
    given: { to: number; source: number | Address; second: number | null; mask?: number },
  ): void {
    const { to, source, second, mask = 0 } = given;
    const other = second ?? 0;
    const isRegister = typeof source === "number";
    // X is the fifth bit of a vector register in ModR/M.rm; for an address, B and X belong to base and index
    const high = isRegister
      ? { b: (source >> 3) & 1, x: (source >> 4) & 1 }
      : { b: registers[source.base] >> 3, x: source.index ? registers[source.index] >> 3 : 0 };
    const inverted = (bit: number, at: number): number => (bit ^ 1) << at;
    this.bytes.push(
      0x62,
      inverted((to >> 3) & 1, 7) |
        inverted(high.x, 6) |
        inverted(high.b, 5) |
        inverted((to >> 4) & 1, 4) |
        map,
      (wide ? 0x80 : 0) | ((~other & 15) << 3) | 4 | prefix,
      (2 << 5) | inverted((other >> 4) & 1, 3) | mask,
      opcode,
    );
    if (isRegister) this.bytes.push(0xc0 | ((to & 7) << 3) | (source & 7));
    else this.memory(to & 7, source);
  }

  private general(opcode: number, register: Register, other: Register | Address, isWide = true): void {
    const code = registers[register];
    if (typeof other === "string") this.rex(isWide, code, 0, registers[other]);
    else this.rex(isWide, code, other.index ? registers[other.index] : 0, registers[other.base]);
    this.bytes.push(opcode);
    this.operand(code, other);
  }

  private immediate(operation: number, to: Register, value: number): void {
    this.rex(true, 0, 0, registers[to]);
    this.bytes.push(0x81);
    this.operand(operation, to);
    this.word(value);
  }

  private shift(operation: number, to: Register, bits: number): void {
    this.rex(true, 0, 0, registers[to]);
    this.bytes.push(0xc1);
    this.operand(operation, to);
    this.bytes.push(bits);
  }

  private rex(isWide: boolean, register: number, index: number, base: number): void {
    const high = ((register >> 3) << 2) | ((index >> 3) << 1) | (base >> 3);
    if (isWide || high !== 0) this.bytes.push(0x40 | (isWide ? 8 : 0) | high);
  }

  private operand(register: number, other: Register | Address): void {
    if (typeof other === "string") this.bytes.push(0xc0 | ((register & 7) << 3) | (registers[other] & 7));
    else this.memory(register & 7, other);
  }

  private memory(register: number, { base, index, scale = 1, offset = 0 }: Address): void {
    const low = registers[base] & 7;
    // rsp and r12 as base require a SIB byte; index 4 means no index
    if (index === undefined && low !== 4) this.bytes.push(0x80 | (register << 3) | low);
    else {
      const place = index === undefined ? 4 : registers[index] & 7;
      this.bytes.push(0x80 | (register << 3) | 4, (Math.log2(scale) << 6) | (place << 3) | low);
    }
    this.word(offset);
  }

  private target(label: Label): void {
    const at = this.bytes.length;
    label.uses.push(at);
    this.used.add(label);
    this.word(label.position === null ? 0 : label.position - at - 4);
  }

  /** @throws {Error} if the number does not fit in 32 bits */
  private word(value: number): void {
    if (value !== (value | 0)) throw new Error(`${value} does not fit 32 bits`);
    this.bytes.push(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255);
  }

  private patch(at: number, value: number): void {
    for (let byte = 0; byte < 4; byte++) this.bytes[at + byte] = (value >> (8 * byte)) & 255;
  }
}
