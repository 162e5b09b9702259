/** @file Serializes lists of numbers and texts. */
import { unreadable } from "./container.ts";

/** The bytes of numbers: little-endian, as on every machine that Node runs on. */
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
