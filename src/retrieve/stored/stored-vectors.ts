/**
 * @file An index of vectors as bytes and back. Codes are not kept: they follow from the vectors.
 */
import { buildDenseIndex, type DenseIndex } from "../dense/dense-index.ts";
import { MAX_VECTOR_SIZE } from "../limits.ts";
import { readParts, unreadable, writeParts } from "./container.ts";
import { numberBytes, readNumbers } from "./parts.ts";

/** The vectors as bytes. */
export function encodeDenseIndex({ size, vectors }: DenseIndex): Uint8Array {
  return writeParts("vectors", [numberBytes(Uint32Array.of(size)), numberBytes(vectors)]);
}

/**
 * An index of vectors from its bytes.
 *
 * @throws {TunewiseError} `INDEX_UNREADABLE` where the bytes are damaged, of another version, or no whole vectors
 */
export function decodeDenseIndex(bytes: Uint8Array): DenseIndex {
  const parts = readParts("vectors", bytes);
  const [size = 0] = readNumbers(parts[0], Uint32Array);
  const vectors = readNumbers(parts[1], Float32Array);
  const fits =
    size > 0 && size <= MAX_VECTOR_SIZE && vectors.length % size === 0 && vectors.every(Number.isFinite);
  if (!fits) throw unreadable(`has ${vectors.length} numbers that are no vectors of ${size}`);
  return buildDenseIndex(vectors, size);
}
