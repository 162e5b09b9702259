/** @file Serializes lists of numbers and texts. */
import { createHash } from "node:crypto";
import { problem } from "../../problem/index.ts";

/** The bytes of numbers, little-endian like every machine that Node runs on. */
export function numberBytes(numbers: Uint32Array | Uint16Array | Float32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/**
 * Numbers of a part.
 *
 * @throws {TunewiseError} `INDEX_UNREADABLE` if the part ends inside a number
 */
export function readNumbers<Numbers>(
  part: Uint8Array | undefined,
  kind: { new (buffer: ArrayBuffer): Numbers; readonly BYTES_PER_ELEMENT: number },
): Numbers {
  if (part === undefined) throw unreadable("lacks a part");
  if (part.length % kind.BYTES_PER_ELEMENT !== 0) throw unreadable("has a part that ends inside a number");
  return new kind(Uint8Array.from(part).buffer); // copied for alignment
}

/** Encodes texts as their count, the length of each in bytes, and their UTF-8. */
export function textBytes(texts: readonly string[]): Uint8Array {
  const encoded = texts.map((text) => Buffer.from(text));
  return Buffer.concat([
    numberBytes(Uint32Array.of(texts.length)),
    numberBytes(Uint32Array.from(encoded, ({ length }) => length)),
    ...encoded,
  ]);
}

/**
 * Decodes texts.
 *
 * @throws {TunewiseError} `INDEX_UNREADABLE` if lengths and bytes do not match
 */
export function readTexts(part: Uint8Array | undefined): string[] {
  if (part === undefined) throw unreadable("lacks a part");
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  const count = bytes.length < 4 ? Number.POSITIVE_INFINITY : bytes.readUInt32LE(0);
  let at = 4 + 4 * count;
  if (at > bytes.length) throw unreadable("claims more texts than it has bytes for");
  const texts: string[] = [];
  for (let number = 0; number < count; number++) {
    const end = at + bytes.readUInt32LE(4 + 4 * number);
    if (end > bytes.length) throw unreadable("has a text that ends behind its part");
    texts.push(bytes.toString("utf8", at, end));
    at = end;
  }
  if (at !== bytes.length) throw unreadable("has bytes behind its last text");
  return texts;
}

/** Content type of a file. */
type StoredKind = "words" | "vectors";

const mark = "TWINDEX";
const kinds: Readonly<Record<StoredKind, number>> = { words: 0x77, vectors: 0x76 };
/** Incremented whenever the format of parts, passages or terms changes, so that old files are rebuilt. */
const version = 1;
const headBytes = 16;
const sumBytes = 32;
/** Maximum part size in bytes: lengths have 32 bits. */
const maxPartBytes: number = 2 ** 32 - 1;
const maxParts = 32;

/** Encodes parts as a file. */
export function writeParts(kind: StoredKind, parts: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.alloc(headBytes + 4 * parts.length);
  head.write(mark, "latin1");
  head.writeUInt8(kinds[kind], mark.length);
  head.writeUInt32LE(version, 8);
  head.writeUInt32LE(parts.length, 12);
  parts.forEach((part, at) => {
    if (part.length > maxPartBytes) throw new Error("Internal: a part of an index is too long");
    head.writeUInt32LE(part.length, headBytes + 4 * at);
  });
  const body = Buffer.concat([head, ...parts]);
  const file = Buffer.concat([body, createHash("sha256").update(body).digest()]);
  return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
}

/**
 * Decodes the parts of a file, as views of its bytes.
 *
 * @throws {TunewiseError} `INDEX_UNREADABLE` if it is truncated, damaged, or of a different kind or version
 */
export function readParts(kind: StoredKind, bytes: Uint8Array): Uint8Array[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < headBytes + sumBytes) throw unreadable(`has ${file.length} bytes, fewer than any index`);
  if (file.toString("latin1", 0, mark.length) !== mark) throw unreadable("is no index of tunewise");
  if (file[mark.length] !== kinds[kind]) throw unreadable(`is of another kind than ${kind}`);
  const found = file.readUInt32LE(8);
  if (found !== version) throw unreadable(`has version ${found}, not ${version}`);
  const end = file.length - sumBytes;
  const sum = createHash("sha256").update(file.subarray(0, end)).digest();
  if (!sum.equals(file.subarray(end))) throw unreadable("is damaged: its checksum does not fit");
  const count = file.readUInt32LE(12);
  if (count > maxParts || headBytes + 4 * count > end) throw unreadable(`claims ${count} parts`);
  const parts: Uint8Array[] = [];
  let at = headBytes + 4 * count;
  for (let part = 0; part < count; part++) {
    const length = file.readUInt32LE(headBytes + 4 * part);
    if (at + length > end) throw unreadable(`claims ${length} bytes where ${end - at} are left`);
    parts.push(file.subarray(at, at + length));
    at += length;
  }
  if (at !== end) throw unreadable(`has ${end - at} bytes too many`);
  return parts;
}

/** Creates `INDEX_UNREADABLE`; the reason completes a sentence that begins with "the index". */
export function unreadable(reason: string): Error {
  return problem("INDEX_UNREADABLE", { reason });
}
