/** @file Seeded random numbers. The stream of each seed is fixed: existing runs, splits and decisions depend on it. */

/** A stream of uniform numbers in [0, 1), with 32 random bits each. */
export type Random = () => number;

/**
 * Creates a stream from 32 bits of state: fast to seed, and long enough for a simulation (it repeats after 2^32
 * numbers).
 *
 * @param seed an integer, of which the lower 32 bits are used
 * @source mulberry32, Tommy Ettinger 2017, public domain
 */
export function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Creates a separate `mulberry32` stream for each purpose of a seed.
 *
 * @param purposes integers that distinguish this stream from others of the same seed
 * @source the golden ratio as an increment: Steele, Lea and Flood 2014, Fast Splittable Pseudorandom Number Generators
 */
export function mulberry32For(seed: number, ...purposes: readonly number[]): Random {
  let state = mix32(seed >>> 0) >>> 0;
  for (const purpose of purposes) state = mix32((state ^ (purpose + 0x9e3779b9)) >>> 0) >>> 0;
  return mulberry32(state);
}

/**
 * Creates a stream of 32-bit integers from 128 bits of state.
 *
 * @param state four 32-bit words, not all 0
 * @source xoshiro128** 1.1, Blackman and Vigna 2018 (arXiv 1805.01407)
 */
export function xoshiro128(state: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = state;
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}

/**
 * Creates a `xoshiro128` stream from one or more seeds; different seeds give independent streams.
 *
 * @source seeded by steps of splitmix32 with constants found by Chris Wellons' hash-prospector
 */
export function xoshiro128From(...seeds: readonly number[]): Random {
  let mixed = 0x9e3779b9;
  const mix = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
  for (const seed of seeds) {
    mixed ^= seed | 0;
    mixed = mix() ^ Math.trunc(seed / 2 ** 32);
  }
  const next = xoshiro128([mix(), mix(), mix(), mix()]);
  return () => next() / 2 ** 32;
}

/**
 * Creates a stream of 32-bit integers with poor lower bits, for choices that only need to be reproducible.
 *
 * @source linear congruential generator "ranqd1", Numerical Recipes, 2nd ed., section 7.1
 */
export function linearCongruential(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}

/**
 * Mixes 32 bits bijectively.
 *
 * @returns a signed 32-bit integer
 * @source 32-bit finalizer of MurmurHash3, Austin Appleby, public domain
 */
export function mix32(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

/** An integer from 0 to `limit` - 1; for small limits, uniform to within 2^-32. */
export function randomBelow(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/**
 * Shuffles the items into a new array.
 *
 * @param below draws an integer from 0 to `limit` - 1, such as `(limit) => randomBelow(random, limit)`
 * @source Fisher and Yates from the end: Durstenfeld 1964, Algorithm 235
 */
export function shuffled<Item>(items: readonly Item[], below: (limit: number) => number): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = below(last + 1);
    const held = order[last] as Item;
    order[last] = order[other] as Item;
    order[other] = held;
  }
  return order;
}

/** Draws a standard normal value. @source Box and Muller 1958, Annals of Mathematical Statistics 29, 610-611 */
export function randomNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Max. mean for which events are drawn one by one; above it, a normal value approximates the count. */
const poissonExactMeanMax = 64;

/** Draws a Poisson count. @source Knuth, The Art of Computer Programming 2, section 3.4.1 */
export function randomPoisson(random: Random, mean: number): number {
  if (mean > poissonExactMeanMax) {
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * randomNormal(random)));
  }
  const limit = Math.exp(-mean);
  let [count, product] = [0, random()];
  while (product > limit) {
    count++;
    product *= random();
  }
  return count;
}
