/**
 * @file Seeded numbers, made anew for each decision, so that a replayed search draws what it drew before.
 */

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Uniform numbers from 32 bits of state, apart for each seed and purpose.
 *
 * @param purposes whole numbers that tell this stream from others of the same seed
 * @source mulberry32, Tommy Ettinger 2017, public domain; mixing of the seed by MurmurHash3's finalizer, Austin
 *   Appleby, public domain
 */
export function randomFrom(seed: number, ...purposes: readonly number[]): Random {
  let state = mix(seed >>> 0);
  for (const purpose of purposes) state = mix((state ^ (purpose + 0x9e3779b9)) >>> 0);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A standard normal number. @source Box and Muller 1958, Annals of Mathematical Statistics 29, 610-611 */
export function normalFrom(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The numbers 0 to `count - 1` in chance order. @source Durstenfeld 1964, Algorithm 235 */
export function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, at) => at);
  for (let at = count - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other] as number, order[at] as number];
  }
  return order;
}

function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
