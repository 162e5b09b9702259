/**
 * @file Chance from a seed: the same seed gives the same outcomes.
 */

/** Numbers in [0, 1). */
export type Chance = () => number;

/**
 * Numbers in [0, 1) from a seed.
 *
 * @source Tommy Ettinger's mulberry32, public domain; 2^32 values before it repeats, enough for a simulation
 */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal value. @source Box and Muller 1958, Annals of Mathematical Statistics 29(2) */
export function normalFrom(chance: Chance): number {
  const radius = Math.sqrt(-2 * Math.log(1 - chance()));
  return radius * Math.cos(2 * Math.PI * chance());
}

/** Most events that are drawn one by one; above, a normal value stands for them. */
const eventsOneByOne = 64;

/** A count of rare events with a mean. @source Knuth, The Art of Computer Programming 2, section 3.4.1 */
export function poissonFrom(chance: Chance, mean: number): number {
  if (mean > eventsOneByOne) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normalFrom(chance)));
  const limit = Math.exp(-mean);
  let [count, product] = [0, chance()];
  while (product > limit) {
    count++;
    product *= chance();
  }
  return count;
}

/**
 * Runs that are lost before so many have ended well, each counted by the share of it that ran.
 *
 * @source negative binomial: mean runs x rate / (1 - rate); a run breaks anywhere with the same chance
 */
export function lostRuns(chance: Chance, runs: number, rate: number): number {
  if (rate <= 0) return 0;
  if (runs > eventsOneByOne) {
    const mean = (runs * rate) / (1 - rate);
    const spread = Math.sqrt(mean / (1 - rate));
    return Math.max(0, mean + spread * normalFrom(chance)) / 2;
  }
  let lost = 0;
  for (let run = 0; run < runs; run++) while (chance() < rate) lost += chance();
  return lost;
}
