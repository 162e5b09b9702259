/**
 * @file WebAssembly kernels that convert stored weights to float32.
 *
 * Each writes memory from `output` to `end`; both are byte addresses, as are the sources.
 */

import { nf4Values } from "../weights/index.ts";
import { assemble, type Code, type KernelFunction, lanes32, wasm } from "./assembler.ts";

/** Exports of the module. */
export interface Kernels {
  /** Blocks of 64 codes, two per byte, the first in the upper half; one float32 scale per block. */
  dequantizeNf4(codes: number, scales: number, output: number, end: number): void;
  /** Converts bfloat16; `end - output` is a multiple of 32. */
  widenBrain(source: number, output: number, end: number): void;
  /** Converts float16; `end - output` is a multiple of 32. */
  widenHalf(source: number, output: number, end: number): void;
}

const { get, set, tee, i32 } = wasm;
const advance = (local: number, bytes: number): Code => [
  ...get(local),
  ...i32(bytes),
  ...wasm.add,
  ...set(local),
];

/** Interleaves 8-bit or 16-bit lanes of two vectors: the lower or the upper halves. */
const zip8 = (upper: number): number[] =>
  Array.from({ length: 16 }, (_, at) => upper + (at >> 1) + (at % 2) * 16);
const zip16 = (upper: number): number[] =>
  Array.from({ length: 16 }, (_, at) => upper + 2 * (at >> 2) + (at % 2) + (at & 2) * 8);

/** For each of the 4 bytes of a float32, that byte of all 16 values: a table for one lookup instruction. */
function bytePlanes(): number[][] {
  const bytes = new Uint8Array(Float32Array.from(nf4Values).buffer);
  return [0, 1, 2, 3].map((plane) =>
    Array.from({ length: 16 }, (_, code) => bytes[4 * code + plane] as number),
  );
}

/**
 * Looks up the 4 bytes of a value one by one, 16 codes at a time, and interleaves them.
 *
 * @source Dettmers et al. 2023 (arXiv 2305.14314), section 3, equation 4: value of the code times the block's absmax
 */
function dequantizeNf4(): KernelFunction {
  const [codes, scales, output, end] = [0, 1, 2, 3];
  const [scale, high, low, index, a, b, c, d, wide, wider] = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
  const planes = bytePlanes();
  const store = (from: number, to: number, lanes: number[], offset: number): Code => [
    ...get(output),
    ...get(from),
    ...get(to),
    ...wasm.shuffle(lanes),
    ...get(scale),
    ...wasm.multiplyF32,
    ...wasm.storeVector(offset),
  ];
  const sixteen = (upper: number, offset: number): Code => [
    ...get(high),
    ...get(low),
    ...wasm.shuffle(zip8(upper)),
    ...set(index),
    ...[a, b, c, d].flatMap((local, plane) => [
      ...wasm.bytes(planes[plane] as number[]),
      ...get(index),
      ...wasm.swizzle,
      ...set(local),
    ]),
    ...[0, 8].flatMap((half) => [
      ...[...get(a), ...get(b), ...wasm.shuffle(zip8(half)), ...set(wide)],
      ...[...get(c), ...get(d), ...wasm.shuffle(zip8(half)), ...set(wider)],
      ...store(wide, wider, zip16(0), offset + 4 * half),
      ...store(wide, wider, zip16(8), offset + 4 * half + 16),
    ]),
  ];
  const body = wasm.loop([
    ...[...get(scales), ...wasm.loadF32(0), ...wasm.splatF32, ...set(scale)],
    ...[0, 1].flatMap((half) => [
      ...[
        ...get(codes),
        ...wasm.loadVector(16 * half),
        ...tee(low),
        ...i32(4),
        ...wasm.shiftBytesRight,
        ...set(high),
      ],
      ...[...get(low), ...wasm.bytes(new Array<number>(16).fill(15)), ...wasm.and, ...set(low)],
      ...sixteen(0, 128 * half),
      ...sixteen(8, 128 * half + 64),
    ]),
    ...advance(codes, 32),
    ...advance(scales, 4),
    ...[...get(output), ...i32(256), ...wasm.add, ...tee(output), ...get(end), ...wasm.isBelow],
  ]);
  return { name: "dequantizeNf4", parameters: 4, locals: { i32: 0, f32: 0, v128: 10 }, body };
}

/** A loop over eight 16-bit numbers at a time; `widen` converts four 32-bit lanes on the stack. */
function widening(name: string, vectors: number, widen: Code): KernelFunction {
  const [source, output, end] = [0, 1, 2];
  const half = (extend: Code, offset: number): Code => [
    ...get(output),
    ...[...get(source), ...wasm.loadVector(0), ...extend, ...widen],
    ...wasm.storeVector(offset),
  ];
  const body = wasm.loop([
    ...half(wasm.widenLowU16, 0),
    ...half(wasm.widenHighU16, 16),
    ...advance(source, 16),
    ...[...get(output), ...i32(32), ...wasm.add, ...tee(output), ...get(end), ...wasm.isBelow],
  ]);
  return { name, parameters: 3, locals: { i32: 0, f32: 0, v128: vectors }, body };
}

/**
 * Exponents move from bias 15 to 127. A subnormal half gets its leading one by a subtraction, not by a product with a
 * subnormal float32, because the runtime flushes those to zero.
 *
 * @source IEEE 754-2008, section 3.6
 */
function widenHalf(): KernelFunction {
  const [bits, size] = [3, 4];
  const bias = (127 - 15) << 23;
  const constant = (value: number): Code => wasm.bytes(lanes32(value >>> 0));
  return widening("widenHalf", 2, [
    ...[...tee(bits), ...constant(0x7fff), ...wasm.and, ...i32(13), ...wasm.shiftWordsLeft, ...set(size)],
    ...[...get(size), ...constant(bias + (1 << 23)), ...wasm.addI32],
    ...[...constant(bias + (1 << 23)), ...wasm.subtractF32],
    ...[...get(size), ...constant(bias), ...wasm.addI32],
    ...[
      ...get(size),
      ...constant(0x1f << 23),
      ...wasm.isAtLeastU32,
      ...constant(bias),
      ...wasm.and,
      ...wasm.addI32,
    ],
    ...[...get(size), ...constant(1 << 23), ...wasm.isBelowU32, ...wasm.select],
    ...[...get(bits), ...constant(0x8000), ...wasm.and, ...i32(16), ...wasm.shiftWordsLeft, ...wasm.or],
  ]);
}

/** The part of WebAssembly used here, which Node's types omit. */
interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

/** Memory that kernels read and write. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
}

const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
const pageBytes = 65_536;

/** Maximum bytes of one memory. */
export const maxKernelMemoryBytes: number = 65_536 * pageBytes;

let compiled: object | null = null;

/** Instantiates the kernels with a memory of at least `bytes`; untouched pages take no physical memory. */
export function createKernels(bytes: number): { readonly memory: KernelMemory; readonly kernels: Kernels } {
  compiled ??= new Module(
    assemble([dequantizeNf4(), widening("widenBrain", 0, [...i32(16), ...wasm.shiftWordsLeft]), widenHalf()]),
  );
  const memory = new Memory({ initial: Math.ceil(bytes / pageBytes) });
  const { exports } = new Instance(compiled, { host: { memory } });
  return { memory, kernels: exports as Kernels };
}
