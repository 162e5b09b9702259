/**
 * @file Seeded numbers for drawing rows, signs and costs.
 */

/** Uniform numbers in [0, 1) from 32 bits of state. @source mulberry32, Tommy Ettinger 2017, public domain */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A standard normal number. @source Box and Muller 1958, Annals of Mathematical Statistics 29, 610-611 */
export function normalFrom(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
