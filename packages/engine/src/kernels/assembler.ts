/**
 * @file Assembles a WebAssembly module: functions over one imported memory.
 *
 * Loops over bytes and 16-bit numbers run several times faster with 128-bit vectors than in JavaScript; every
 * supported Node version has them.
 *
 * @source WebAssembly Core Specification 2.0, chapter 5 (binary format)
 */

/** Bytes of instructions. */
export type Code = readonly number[];

/** A function: parameters are i32, followed by locals; returns nothing. */
export interface KernelFunction {
  readonly name: string;
  readonly parameters: number;
  readonly locals: { readonly i32: number; readonly f32: number; readonly v128: number };
  readonly body: Code;
}

const types = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** Unsigned LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Signed LEB128 of a 32-bit number. */
function signed(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value | 0; ; ) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

const vector = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
/** Alignment hint (log2 of bytes) and offset of a load or store. */
const at = (alignment: number, offset: number): Code => [alignment, ...unsigned(offset)];

/** Instructions without immediates. */
type Plain =
  | "add"
  | "isBelow"
  | "swizzle"
  | "splatF32"
  | "and"
  | "or"
  | "shiftBytesRight"
  | "widenLowU16"
  | "widenHighU16"
  | "shiftWordsLeft"
  | "isBelowU32"
  | "isAtLeastU32"
  | "addI32"
  | "subtractF32"
  | "multiplyF32"
  | "select";

/** Instructions by name. */
type Wasm = Readonly<Record<Plain, Code>> &
  Readonly<
    Record<"get" | "set" | "tee" | "i32" | "loadF32" | "loadVector" | "storeVector", (value: number) => Code>
  > &
  Readonly<Record<"bytes" | "shuffle", (lanes: readonly number[]) => Code>> & {
    readonly loop: (body: Code) => Code;
  };

/** Instructions by name; operands come from the stack unless they are parameters here. */
export const wasm: Wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  i32: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a],
  isBelow: [0x49],
  loadF32: (offset: number): Code => [0x2a, ...at(2, offset)],
  loadVector: (offset: number): Code => [...vector(0x00), ...at(0, offset)],
  storeVector: (offset: number): Code => [...vector(0x0b), ...at(0, offset)],
  bytes: (lanes: readonly number[]): Code => [...vector(0x0c), ...lanes],
  /** Selects bytes of two vectors: indices 0 to 15 from the first, 16 to 31 from the second. */
  shuffle: (lanes: readonly number[]): Code => [...vector(0x0d), ...lanes],
  /** Selects bytes of the first vector by the indices in the second. */
  swizzle: vector(0x0e),
  splatF32: vector(0x13),
  and: vector(0x4e),
  or: vector(0x50),
  shiftBytesRight: vector(0x6d),
  widenLowU16: vector(0xa9),
  widenHighU16: vector(0xaa),
  shiftWordsLeft: vector(0xab),
  isBelowU32: vector(0x3a),
  isAtLeastU32: vector(0x40),
  addI32: vector(0xae),
  subtractF32: vector(0xe5),
  multiplyF32: vector(0xe6),
  /** Bits of the first vector where the third is 1, otherwise of the second. */
  select: vector(0x52),
  /** Repeats while the condition that the body leaves on the stack is true. */
  loop: (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0x00, 0x0b],
};

/** The bytes of one value, repeated in four 32-bit lanes. */
export function lanes32(value: number): number[] {
  const bytes = [...new Uint8Array(Uint32Array.of(value).buffer)];
  return [...bytes, ...bytes, ...bytes, ...bytes];
}

/** Encodes the module; its memory is imported as `host.memory`. */
export function assemble(functions: readonly KernelFunction[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, items: readonly Code[]): Code => {
    const content = [...unsigned(items.length), ...items.flat()];
    return [id, ...unsigned(content.length), ...content];
  };
  const text = (name: string): Code => [...unsigned(name.length), ...new TextEncoder().encode(name)];
  const bodies = functions.map(({ locals, body }) => {
    const groups = (["i32", "f32", "v128"] as const).filter((type) => locals[type] > 0);
    const declared = groups.flatMap((type) => [...unsigned(locals[type]), types[type]]);
    const content = [...unsigned(groups.length), ...declared, ...body, 0x0b];
    return [...unsigned(content.length), ...content];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      functions.map(({ parameters }) => [
        0x60,
        ...unsigned(parameters),
        ...new Array<number>(parameters).fill(types.i32),
        0,
      ]),
    ),
    ...section(2, [[...text("host"), ...text("memory"), 0x02, 0x00, 0]]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(10, bodies),
  ]);
}
