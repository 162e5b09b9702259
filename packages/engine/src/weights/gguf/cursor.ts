/**
 * @file Reads GGUF's primitive values from the first bytes of a file, with every length checked before use.
 *
 * @source ggml-org/ggml docs/gguf.md, version 3
 */
import { TextDecoder } from "node:util";
import { problem } from "../../problem/index.ts";
import {
  maximumGgufArrayDepth,
  maximumGgufArrayElements,
  maximumGgufKeyBytes,
  maximumGgufStringBytes,
} from "../limits.ts";
import { damagedFile } from "../positioned-file.ts";

/** A metadata value. 64-bit integers beyond 2^53 stay `bigint`. */
export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

/** The available bytes end inside a value; more of the file must be read. */
export class MoreBytesNeeded extends Error {
  readonly end: number;

  constructor(end: number) {
    super(`Internal: byte ${end} is needed`);
    this.end = end;
  }
}

/** Numeric types: code of the format, bytes, reader. */
const numberTypes: ReadonlyMap<number, readonly [number, (view: DataView, at: number) => number | bigint]> =
  new Map([
    [0, [1, (view, at) => view.getUint8(at)]],
    [1, [1, (view, at) => view.getInt8(at)]],
    [2, [2, (view, at) => view.getUint16(at, true)]],
    [3, [2, (view, at) => view.getInt16(at, true)]],
    [4, [4, (view, at) => view.getUint32(at, true)]],
    [5, [4, (view, at) => view.getInt32(at, true)]],
    [6, [4, (view, at) => view.getFloat32(at, true)]],
    [10, [8, (view, at) => view.getBigUint64(at, true)]],
    [11, [8, (view, at) => view.getBigInt64(at, true)]],
    [12, [8, (view, at) => view.getFloat64(at, true)]],
  ]);

const booleanType = 7;
const stringType = 8;
const arrayType = 9;

/** A read position in the header of a GGUF file, which advances with each value. */
export class GgufCursor {
  /** Offset of the next byte from the start of the file. */
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #path: string;
  readonly #fileSize: number;
  readonly #text: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /**
   * @param bytes the file's first bytes
   * @param path named in errors
   * @param fileSize of the complete file, in bytes; no value can extend beyond it
   */
  constructor(bytes: Uint8Array, path: string, fileSize: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#path = path;
    this.#fileSize = fileSize;
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A 64-bit count or offset. No file is longer than 2^53 bytes, so larger values are damage. */
  count(): number {
    const value = this.#view.getBigUint64(this.#advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw this.damaged(`it states the impossible length ${value}`);
    return Number(value);
  }

  /** A length-prefixed string. @param limit in bytes */
  string(what: string, limit: number): string {
    const length = this.count();
    if (length > limit) throw this.limit(`the length of ${what} in bytes`, length, limit);
    const start = this.#advance(length);
    return this.#text.decode(this.#bytes.subarray(start, start + length));
  }

  key(): string {
    return this.string("a metadata key", maximumGgufKeyBytes);
  }

  /** A value preceded by its type. */
  value(key: string): GgufValue {
    return this.#valueOf(this.uint32(), key, 0);
  }

  damaged(detail: string): Error {
    return damagedFile(this.#path, detail);
  }

  limit(what: string, found: number, limit: number): Error {
    return problem("MODEL_FILE_LIMIT", { file: this.#path, what, found, limit });
  }

  #valueOf(type: number, key: string, depth: number): GgufValue {
    const numeric = numberTypes.get(type);
    if (numeric !== undefined) {
      const [size, read] = numeric;
      return plain(read(this.#view, this.#advance(size)));
    }
    if (type === booleanType) return this.#bytes[this.#advance(1)] !== 0;
    if (type === stringType) return this.string(`the value of ${key}`, maximumGgufStringBytes);
    if (type === arrayType) return this.#array(key, depth + 1);
    throw this.damaged(`the value of ${key} has the unknown type ${type}`);
  }

  #array(key: string, depth: number): GgufValue[] {
    if (depth > maximumGgufArrayDepth) throw this.limit(`the depth of ${key}`, depth, maximumGgufArrayDepth);
    const type = this.uint32();
    const length = this.count();
    if (length > maximumGgufArrayElements) {
      throw this.limit(`the length of ${key}`, length, maximumGgufArrayElements);
    }
    // Minimum size of an element: its bytes, or the length prefix of a string, or an array's type and length.
    const least = numberTypes.get(type)?.[0] ?? (type === stringType ? 8 : type === arrayType ? 12 : 1);
    this.#requireWithin(this.at + length * least);
    const values: GgufValue[] = [];
    for (let i = 0; i < length; i++) values.push(this.#valueOf(type, key, depth));
    return values;
  }

  /** Advances and returns where the bytes start. */
  #advance(length: number): number {
    const start = this.at;
    this.#requireWithin(start + length);
    this.at = start + length;
    return start;
  }

  #requireWithin(end: number): void {
    if (end <= this.#bytes.byteLength) return;
    if (end <= this.#fileSize) throw new MoreBytesNeeded(end);
    throw this.damaged(`it ends at byte ${this.#fileSize}, but byte ${end} is needed`);
  }
}

function plain(value: number | bigint): number | bigint {
  if (typeof value === "number") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
