/**
 * @file 32-bit hashes of words and of combinations.
 *
 * @source FNV-1a (Fowler, Noll, Vo) for the codes; the last mixing of MurmurHash3 (Appleby) against alike ends
 */
import { mix32 } from "../../math/index.ts";

const basis = 0x811c9dc5;
const prime = 0x01000193;

/** The hash of `codes[start..end)`. */
export function hashCodes(codes: Uint16Array, start: number, end: number): number {
  let hash = basis;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (codes[at] as number), prime);
  return mix32(hash) >>> 0;
}

/** The hash of two hashes, order-sensitive. */
export function hashPair(first: number, second: number): number {
  return mix32(Math.imul(first, 0x9e3779b1) ^ second ^ 0x5bd1e995) >>> 0;
}
