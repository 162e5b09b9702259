/**
 * @file Seeded random numbers, so that a run can be repeated to the bit.
 */

/** A stream of random numbers. */
export interface Random {
  /** In [0, 1), 32 bits of it. */
  uniform(): number;
  /** A whole number in [0, below). */
  below(limit: number): number;
}

/**
 * A stream from one or more seeds; different seeds give unrelated streams.
 *
 * @source xoshiro128** by Blackman and Vigna 2018 (arXiv 1805.01407), seeded by splitmix32 steps
 */
export function createRandom(...seeds: readonly number[]): Random {
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
  let [a, b, c, d] = [mix(), mix(), mix(), mix()];
  const next = (): number => {
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
  return {
    uniform: () => next() / 2 ** 32,
    below: (limit) => Math.floor((next() / 2 ** 32) * limit),
  };
}

/** The items in a random order, a new array. */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const kept = order[last] as Item;
    order[last] = order[other] as Item;
    order[other] = kept;
  }
  return order;
}
