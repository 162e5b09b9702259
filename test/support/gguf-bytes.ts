/** @file Builds GGUF files byte by byte, so that tests can create invalid ones. */

/** A metadata value and the type code that is written for it. */
export interface TypedValue {
  readonly type: number;
  readonly value: number | bigint | boolean | string | readonly TypedValue[];
  /** Type code of an array's elements; default: the first element's. */
  readonly elementType?: number;
}

/** A tensor's entry; `data` is placed at `offset`. */
export interface TensorLine {
  readonly name: string;
  /** As in the file: innermost axis first. */
  readonly axes: readonly number[];
  readonly type: number;
  readonly offset: number;
  readonly data?: Uint8Array;
}

/** The parts of a GGUF file; replace counts or magic to make it invalid. */
export interface GgufParts {
  readonly magic?: string;
  readonly version?: number;
  readonly tensorCount?: bigint;
  readonly entryCount?: bigint;
  readonly metadata?: Readonly<Record<string, TypedValue>> | readonly (readonly [string, TypedValue])[];
  readonly tensors?: readonly TensorLine[];
  readonly alignment?: number;
}

/** A 32-bit integer. */
export function uint32(value: number): TypedValue {
  return { type: 4, value };
}

/** A 32-bit float. */
export function float32(value: number): TypedValue {
  return { type: 6, value };
}

/** A string. */
export function text(value: string): TypedValue {
  return { type: 8, value };
}

/** A boolean. */
export function flag(value: boolean): TypedValue {
  return { type: 7, value };
}

/** An array of values of one type. */
export function list(value: readonly TypedValue[], elementType: number = value[0]?.type ?? 4): TypedValue {
  return { type: 9, value, elementType };
}

/** The bytes of a GGUF file. */
export function ggufBytes(parts: GgufParts): Uint8Array<ArrayBuffer> {
  const entries = Array.isArray(parts.metadata) ? parts.metadata : Object.entries(parts.metadata ?? {});
  const tensors = parts.tensors ?? [];
  const head = [
    Buffer.from(parts.magic ?? "GGUF", "latin1"),
    number(4, parts.version ?? 3),
    number(10, parts.tensorCount ?? BigInt(tensors.length)),
    number(10, parts.entryCount ?? BigInt(entries.length)),
    ...(entries as readonly (readonly [string, TypedValue])[]).flatMap(([key, value]) => [
      string(key),
      number(4, value.type),
      encode(value),
    ]),
    ...tensors.flatMap(({ name, axes, type, offset }) => [
      string(name),
      number(4, axes.length),
      ...axes.map((axis) => number(10, BigInt(axis))),
      number(4, type),
      number(10, BigInt(offset)),
    ]),
  ];
  const bytes = Buffer.concat(head);
  const alignment = parts.alignment ?? 32;
  const start = Math.ceil(bytes.length / alignment) * alignment;
  const end = Math.max(0, ...tensors.map(({ offset, data }) => offset + (data?.length ?? 0)));
  const file = new Uint8Array(start + end);
  file.set(bytes);
  for (const { offset, data } of tensors) if (data !== undefined) file.set(data, start + offset);
  return file;
}

function encode(value: TypedValue): Buffer {
  if (Array.isArray(value.value)) {
    const elements = value.value as readonly TypedValue[];
    const head = [number(4, value.elementType ?? 4), number(10, BigInt(elements.length))];
    return Buffer.concat([...head, ...elements.map(encode)]);
  }
  if (typeof value.value === "string") return string(value.value);
  if (typeof value.value === "boolean") return Buffer.from([value.value ? 1 : 0]);
  return number(value.type, value.value as number | bigint);
}

function string(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([number(10, BigInt(bytes.length)), bytes]);
}

function number(type: number, value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  const writers: Readonly<Record<number, readonly [number, () => void]>> = {
    0: [1, () => bytes.writeUInt8(Number(value))],
    1: [1, () => bytes.writeInt8(Number(value))],
    2: [2, () => bytes.writeUInt16LE(Number(value))],
    3: [2, () => bytes.writeInt16LE(Number(value))],
    4: [4, () => bytes.writeUInt32LE(Number(value))],
    5: [4, () => bytes.writeInt32LE(Number(value))],
    6: [4, () => bytes.writeFloatLE(Number(value))],
    10: [8, () => bytes.writeBigUInt64LE(BigInt(value))],
    11: [8, () => bytes.writeBigInt64LE(BigInt(value))],
    12: [8, () => bytes.writeDoubleLE(Number(value))],
  };
  const writer = writers[type];
  if (writer === undefined) return Buffer.alloc(0);
  writer[1]();
  return bytes.subarray(0, writer[0]);
}
