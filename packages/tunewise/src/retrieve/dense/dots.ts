/**
 * @file Dot products of many int8 rows with one int16 row, as a WebAssembly SIMD kernel.
 *
 * One 128-bit instruction replaces sixteen of JavaScript, and int8 rows take a quarter of the memory bandwidth. Every
 * supported Node version has WebAssembly SIMD.
 *
 * @source WebAssembly Core Specification 2.0, chapter 5 (binary format)
 */

/** Kernel and its memory, which holds codes, query and results at byte addresses. */
export interface Dots {
  readonly memory: { readonly buffer: ArrayBuffer };
  /**
   * Computes, for each row of `width` bytes from `codes` to `end`, its dot product with `width` int16 numbers at
   * `query`, and writes int32 results from `output` on.
   *
   * @param width a multiple of 16, above 0
   */
  run(codes: number, end: number, query: number, width: number, output: number): void;
}

const pageBytes = 65_536;

/** The subset of WebAssembly used here; Node's types omit it. */
interface WebAssemblyApi {
  readonly Memory: new (size: { initial: number }) => Dots["memory"];
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
let compiled: object | undefined;

/** Creates the kernel and a memory of at least this many bytes. */
export function createDots(bytes: number): Dots {
  const memory = new Memory({ initial: Math.ceil(bytes / pageBytes) });
  compiled ??= new Module(moduleBytes());
  const { exports } = new Instance(compiled, { host: { memory } });
  return { memory, run: (exports as Pick<Dots, "run">).run };
}

type Code = readonly number[];

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];
const i32 = (value: number): Code => [0x41, value]; // below 64, so that its sign bit is 0
const add: Code = [0x6a];
const isBelow: Code = [0x49];
const vector = (opcode: number): Code => (opcode < 0x80 ? [0xfd, opcode] : [0xfd, opcode, 0x01]);
const load = (offset: number): Code => [...vector(0x00), 0, offset];
const zeros: Code = [...vector(0x0c), ...new Array<number>(16).fill(0)];
const lane = (at: number): Code => [...vector(0x1b), at];
const widenLow = vector(0x87);
const widenHigh = vector(0x88);
const addVectors = vector(0xae);
const multiplyPairs = vector(0xba);
/** Repeats the body while the condition that it leaves on the stack is true. */
const loop = (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0x00, 0x0b];

/** Two independent accumulators, so that one product does not wait for the other. */
function body(): Code {
  const [codes, end, query, width, output, at, rowEnd, low, high, bytes] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const product = (widen: Code, offset: number, sum: number): Code => [
    ...[...get(bytes), ...widen, ...get(at), ...load(offset), ...multiplyPairs],
    ...[...get(sum), ...addVectors, ...set(sum)],
  ];
  const row = loop([
    ...[...get(codes), ...load(0), ...set(bytes)],
    ...product(widenLow, 0, low),
    ...product(widenHigh, 16, high),
    ...[...get(at), ...i32(32), ...add, ...set(at)],
    ...[...get(codes), ...i32(16), ...add, ...tee(codes), ...get(rowEnd), ...isBelow],
  ]);
  const total: Code = [
    ...[...get(low), ...get(high), ...addVectors, ...tee(low), ...lane(0)],
    ...[1, 2, 3].flatMap((one) => [...get(low), ...lane(one), ...add]),
  ];
  return loop([
    ...[...get(query), ...set(at), ...get(codes), ...get(width), ...add, ...set(rowEnd)],
    ...[...zeros, ...set(low), ...zeros, ...set(high)],
    ...row,
    ...[...get(output), ...total, 0x36, 2, 0],
    ...[...get(output), ...i32(4), ...add, ...set(output)],
    ...[...get(codes), ...get(end), ...isBelow],
  ]);
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const unsigned = (value: number): Code => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7]);
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const text = (name: string): Code => [name.length, ...new TextEncoder().encode(name)];
  const [number, vectors] = [0x7f, 0x7b];
  const code: Code = [2, 2, number, 3, vectors, ...body(), 0x0b]; // locals: two i32, three v128
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 5, number, number, number, number, number, 0]),
    ...section(2, [1, ...text("host"), ...text("memory"), 0x02, 0x00, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("run"), 0x00, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}
