/** @file Dense index: exact nearest neighbors by cosine similarity; compares most vectors in 8 bits only. */
import { MAX_PASSAGES, MAX_VECTOR_SIZE } from "../limits.ts";
import { type Hit, TopHits } from "../rankings/top-hits.ts";
import { createDots, type Dots } from "./dots.ts";

/** P vectors of D numbers, and their int8 quantization. */
export interface DenseIndex {
  /** D */
  readonly size: number;
  /** `[P, D] float32`, as passed in. */
  readonly vectors: Float32Array;
  readonly coded: Coded;
}

/** int8 codes: a vector is approximately `scales` x codes, relative to its length. */
interface Coded {
  readonly dots: Dots;
  /** Bytes per row: D rounded up to a multiple of 16. */
  readonly width: number;
  /** `[P]` vector norms. */
  readonly norms: Float64Array;
  /** `[P]` value of one code step, relative to the vector's norm. */
  readonly scales: Float64Array;
  /** `[P]` norm of the quantization error, relative to the vector's norm. */
  readonly errors: Float64Array;
}

const mostCode = 127;

/** Query bytes per number; the query and the results are stored after the codes. */
const queryBytes = 2;
const resultBytes = 4;

/**
 * Builds an index of vectors.
 *
 * @param vectors `[P, D] float32`, one per passage in order; not copied, so do not modify them
 * @param size D, the dimension
 * @throws {Error} "Internal: ..." if vectors are incomplete or not finite
 * @example
 * const index = buildDenseIndex(Float32Array.of(1, 0, 0, 1), 2);
 * searchDense(index, Float32Array.of(0.9, 0.1), 1); // [{ passage: 0, score: 0.99 }]
 */
export function buildDenseIndex(vectors: Float32Array, size: number): DenseIndex {
  const fits = Number.isInteger(size) && size > 0 && size <= MAX_VECTOR_SIZE && vectors.length % size === 0;
  if (!fits) throw new Error(`Internal: ${vectors.length} numbers are no vectors of ${size}`);
  const count = vectors.length / size;
  if (count > MAX_PASSAGES) throw new Error(`Internal: more than ${MAX_PASSAGES} vectors`);
  const width = Math.ceil(size / 16) * 16;
  const dots = createDots(count * (width + resultBytes) + queryBytes * width);
  const codes = new Int8Array(dots.memory.buffer, 0, count * width);
  const [norms, scales, errors] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  for (let row = 0; row < count; row++) {
    const from = vectors.subarray(row * size, (row + 1) * size);
    const { norm, scale, error } = encodeRow(from, codes, row * width);
    if (!Number.isFinite(norm)) throw new Error(`Internal: vector ${row} holds numbers that are not finite`);
    norms[row] = norm;
    scales[row] = norm === 0 ? 0 : scale / norm;
    errors[row] = norm === 0 ? 0 : error / norm;
  }
  return { size, vectors, coded: { dots, width, norms, scales, errors } };
}

function encodeRow(
  from: Float32Array,
  codes: Int8Array,
  at: number,
): { norm: number; scale: number; error: number } {
  let largest = 0;
  let squares = 0;
  for (const value of from) {
    largest = Math.max(largest, Math.abs(value));
    squares += value * value;
  }
  const scale = largest / mostCode;
  let missed = 0;
  for (let j = 0; j < from.length && scale > 0; j++) {
    const value = from[j] as number;
    const code = Math.round(value / scale);
    codes[at + j] = code;
    missed += (value - scale * code) ** 2;
  }
  return { norm: Math.sqrt(squares), scale, error: Math.sqrt(missed) };
}

/**
 * Returns the vectors with the highest cosine similarity to a query, best first; identical to an exhaustive search.
 *
 * All codes are multiplied with the query; each product differs from its cosine by at most a known bound
 * (Cauchy-Schwarz), so that only vectors that may still be among the best are compared in full precision.
 *
 * @param query `[D] float32`
 * @returns cosines from -1 to 1; 0 for zero vectors
 * @throws {Error} "Internal: ..." if the query has a different size or is not finite
 */
export function searchDense(index: DenseIndex, query: Float32Array, most: number): Hit[] {
  const { size, coded } = index;
  const count = coded.norms.length;
  const length = Math.sqrt(query.reduce((sum, value) => sum + value * value, 0));
  if (query.length !== size || !Number.isFinite(length)) {
    throw new Error(`Internal: the query has ${query.length} numbers, not ${size} finite ones`);
  }
  if (count === 0) return [];
  const { results, scale, error } = multiply(coded, query, length);
  const nearly = (row: number): number => (results[row] as number) * (coded.scales[row] as number) * scale;
  const missing = (row: number): number => boundOf(coded.errors[row] as number, error);
  const surely = new TopHits(Math.min(most, count));
  for (let row = 0; row < count; row++) {
    const least = nearly(row) - missing(row);
    if (least >= surely.threshold) surely.offer(row, least);
  }
  const wanted = surely.threshold;
  const candidates: Hit[] = [];
  for (let row = 0; row < count; row++) {
    const highest = nearly(row) + missing(row);
    if (highest >= wanted) candidates.push({ passage: row, score: highest });
  }
  candidates.sort((a, b) => b.score - a.score);
  const top = new TopHits(Math.min(most, count));
  for (const { passage, score } of candidates) {
    if (score < top.threshold) break;
    top.offer(passage, cosine(index, passage, query, length));
  }
  return top.hits();
}

/** Maximum difference between a product of codes and the cosine: |v - v'| + |v'| |q - q'|, plus rounding. */
function boundOf(rowError: number, queryError: number): number {
  return rowError + (1 + rowError) * queryError + 1e-9;
}

/** Products of all codes with the query, and their scale. */
function multiply(
  { dots, width, norms }: Coded,
  query: Float32Array,
  length: number,
): { results: Int32Array; scale: number; error: number } {
  const codesEnd = norms.length * width;
  const outputAt = codesEnd + queryBytes * width;
  const written = new Int16Array(dots.memory.buffer, codesEnd, width);
  // the sum of `width` products of 127 and this code stays below 2^31
  const maxQueryCode = Math.min(32_767, Math.floor((2 ** 31 - 1) / (mostCode * width)));
  const largest = query.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest / maxQueryCode;
  let missed = 0;
  written.fill(0);
  query.forEach((value, j) => {
    const code = scale > 0 ? Math.round(value / scale) : 0;
    written[j] = code;
    missed += (value - scale * code) ** 2;
  });
  dots.run(0, codesEnd, codesEnd, width, outputAt);
  const results = new Int32Array(dots.memory.buffer, outputAt, norms.length);
  if (length === 0) return { results, scale: 0, error: 0 };
  return { results, scale: scale / length, error: Math.sqrt(missed) / length };
}

/** @source cosine of two vectors, in double precision */
function cosine(
  { size, vectors, coded }: DenseIndex,
  row: number,
  query: Float32Array,
  length: number,
): number {
  const norm = coded.norms[row] as number;
  if (norm === 0 || length === 0) return 0;
  let sum = 0;
  const start = row * size;
  for (let j = 0; j < size; j++) sum += (vectors[start + j] as number) * (query[j] as number);
  return sum / (norm * length);
}
