/**
 * @file Simulated answers and prices with known truth: latent abilities, difficult rows, rows with shared passages,
 * prices that deviate from their forecast. None of it uses the decision's own assumptions: answers come from a probit
 * model with closed-form shares, and price errors are triangular on the log scale instead of log-normal.
 */

/** Seeded random numbers. */
export interface Chance {
  readonly uniform: () => number;
  readonly normal: () => number;
  readonly between: (low: number, high: number) => number;
}

/**
 * Variation of rows and arms: mean group size (1: no groups), standard deviations on the latent scale, parts of a
 * score.
 */
export interface Spread {
  readonly groupSize: number;
  readonly row: number;
  readonly group: number;
  readonly inside: number;
  readonly parts: number;
}

/**
 * A seeded random number generator.
 *
 * @source Marsaglia 2003, xorshift32 with a Weyl sequence
 */
export function chance(seed: number): Chance {
  let [state, weyl] = [(seed * 2_654_435_761 + 88_675_123) >>> 0 || 1, 362_437];
  const uniform = () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    weyl = (weyl + 362_437) >>> 0;
    return (((state + weyl) >>> 0) + 0.5) / 4_294_967_296;
  };
  // polar method: a sum of twelve uniforms has too light tails
  const normal = () => {
    for (;;) {
      const [x, y] = [2 * uniform() - 1, 2 * uniform() - 1];
      const size = x * x + y * y;
      if (size > 0 && size < 1) return x * Math.sqrt((-2 * Math.log(size)) / size);
    }
  };
  for (let i = 0; i < 20; i++) uniform();
  return { uniform, normal, between: (low: number, high: number) => low + (high - low) * uniform() };
}

/**
 * Normal distribution function by its series.
 *
 * @source Abramowitz and Stegun 26.2.10, 26.2.14
 */
function cumulative(x: number): number {
  if (x < 0) return 1 - cumulative(-x);
  if (x > 8) return 1;
  let [term, sum] = [x, x];
  for (let i = 1; i < 200; i++) {
    term *= (x * x) / (2 * i + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The ability at which a share of `share` answers is right. */
function quantileOf(share: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (cumulative(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Answers of all arms to the same rows.
 *
 * @param shares true share of right answers of each arm
 */
export function answer(
  random: Chance,
  shares: readonly number[],
  rows: number,
  { groupSize, row, group, inside, parts }: Spread,
): { outcomes: number[][]; groups: number[] | null } {
  const scale = Math.sqrt(1 + row ** 2 + group ** 2 + inside ** 2);
  const groups: number[] = [];
  for (let id = 0; groups.length < rows; id++) {
    const size = groupSize === 1 ? 1 : 1 + Math.floor(random.uniform() * (2 * groupSize - 1));
    for (let i = 0; i < size && groups.length < rows; i++) groups.push(id);
  }
  const count = (groups.at(-1) ?? 0) + 1;
  const common = Array.from({ length: count }, () => group * random.normal());
  const bases = groups.map((at) => (common[at] ?? 0) + row * random.normal());
  const outcomes = shares.map((share) => {
    const ability = quantileOf(share) * scale;
    const own = Array.from({ length: count }, () => inside * random.normal());
    return groups.map((at, place) => {
      let right = 0;
      for (let part = 0; part < parts; part++) {
        if (ability + (bases[place] ?? 0) + (own[at] ?? 0) + random.normal() > 0) right++;
      }
      return right / parts;
    });
  });
  return { outcomes, groups: groupSize === 1 ? null : groups };
}

/**
 * A forecast of a value; its range contains the true value in 90 % of cases.
 *
 * @param width high over expected
 */
export function foresee(
  random: Chance,
  truth: number,
  width: number,
): { low: number; expected: number; high: number } {
  // triangle on the log scale from -reach to reach: 90 % lie within 1 - sqrt(0.1) of it
  const reach = Math.log(width) / (1 - Math.sqrt(0.1));
  const error = reach * (random.uniform() - random.uniform());
  const expected = truth * Math.exp(error);
  return { low: expected / width, expected, high: expected * width };
}
