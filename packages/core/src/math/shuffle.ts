/**
 * @file A seeded shuffle that other programs can reproduce exactly.
 *
 * Generator: xoshiro128** on four 32-bit words, the first four outputs of splitmix32 seeded with `low ^ high`, the two
 * 32-bit halves of the seed. A number below `n` is drawn as `x % n`; draws of `x >= 2^32 - (2^32 mod n)` are rejected
 * to avoid bias. The shuffle is Fisher-Yates from the end: for i = n-1 down to 1, swap item i with item `below(i + 1)`.
 */
import { mix32, shuffled, xoshiro128 } from "./random.ts";

/** A stream of random numbers. */
export interface RandomStream {
  /** The next 32 bits, as an integer from 0 to 2^32 - 1. */
  next(): number;
  /** An integer from 0 to `limit` - 1, each equally likely; `limit` is 1 to 2^32. */
  below(limit: number): number;
}

/**
 * Creates a stream that depends only on the seed.
 *
 * @param seed integer from 0 to 2^53 - 1
 * @source Blackman and Vigna 2018, xoshiro128** 1.1; splitmix32 as the finalizer of MurmurHash3 on a Weyl sequence
 */
export function randomStream(seed: number): RandomStream {
  let weyl = ((seed % 2 ** 32) ^ Math.floor(seed / 2 ** 32)) >>> 0;
  const splitmix = (): number => {
    weyl = (weyl + 0x9e3779b9) >>> 0;
    return mix32(weyl);
  };
  const next = xoshiro128([splitmix(), splitmix(), splitmix(), splitmix()]);
  const below = (limit: number): number => {
    const end = 2 ** 32 - (2 ** 32 % limit);
    let drawn = next();
    while (drawn >= end) drawn = next();
    return drawn % limit;
  };
  return { next, below };
}

/** Shuffles items; the order depends only on the seed and the number of items. */
export function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  return shuffled(items, randomStream(seed).below);
}
