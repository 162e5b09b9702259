/** @file Mean and variance of numbers that are added one by one. */

/** Running moments. @source Welford 1962, Technometrics 4, 419-420 */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Unbiased; 0 for fewer than two numbers. */
  readonly variance: number;
  add(value: number): void;
}

/** Creates moments of no numbers. */
export function momentsOf(): Moments {
  let [count, mean, squares] = [0, 0, 0];
  return {
    get count() {
      return count;
    },
    get mean() {
      return mean;
    },
    get variance() {
      return count > 1 ? squares / (count - 1) : 0;
    },
    add: (value) => {
      count++;
      const from = value - mean;
      mean += from / count;
      squares += from * (value - mean);
    },
  };
}
