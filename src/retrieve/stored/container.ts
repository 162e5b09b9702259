/**
 * @file A file of named parts with a checksum, whose lengths are all validated.
 *
 *     8 bytes "TWINDEX" and a kind · uint32 version · uint32 count of parts · uint32 length of each · parts · SHA-256
 *
 * All numbers are little-endian. The checksum is over everything before it.
 */
import { createHash } from "node:crypto";
import { problem } from "../../problem/index.ts";

/** Content type of a file. */
export type StoredKind = "words" | "vectors";

const mark = "TWINDEX";
const kinds: Readonly<Record<StoredKind, number>> = { words: 0x77, vectors: 0x76 };
/** Incremented whenever parts, passages or terms change: old files are then rebuilt. */
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
 * @throws {TunewiseError} `INDEX_UNREADABLE` if it is truncated, damaged, of another kind or another version
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
