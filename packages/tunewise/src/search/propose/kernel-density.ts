/**
 * @file Kernel density estimate over the unit cube: a product of kernels around each trial, and a broad one as
 *   prior.
 */
import { normalCdf, populationVariance, type Random, randomNormal } from "@tunewise/core/math";
import type { Axis } from "../space/axis.ts";

/** A mixture of product kernels. */
export interface Density {
  readonly logAt: (place: ArrayLike<number>) => number;
  readonly draw: (random: Random) => Float64Array;
}

/**
 * Minimum bandwidth as a share of a side, so that a cluster of good trials does not become a narrow peak; with n
 * trials at least 1 / (n + 1), so that the first few good trials do not confine the search.
 */
const narrowest = 0.03;

/**
 * Estimates a density from weighted trials.
 *
 * On a line, a kernel is a truncated normal distribution. In a set, it keeps its value with some probability and
 * spreads the remaining probability evenly. Bandwidths follow Scott's rule over the trials' own spread, bounded below.
 *
 * @param places points of the trials, one number per axis
 * @param weights above 0, one per trial; the broad kernel weighs as much as their mean
 * @source Scott 1992, Multivariate Density Estimation, section 6.3.1; kernels of sets by Aitchison and Aitken 1976,
 *   Biometrika 63, 413-420; the mixture as in Watanabe 2023 (arXiv 2304.11127), section 3
 */
export function densityFrom(
  axes: readonly Axis[],
  places: readonly ArrayLike<number>[],
  weights: readonly number[],
): Density {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const prior = weights.length === 0 ? 1 : total / weights.length;
  const shares = [...weights, prior].map((weight) => weight / (total + prior));
  const widths = axes.map((axis, at) => widthOf(axis, at, places));
  const kernelAt = (which: number, at: number, axis: Axis): Kernel =>
    which === places.length ? broadKernel(axis) : kernelOf(axis, places[which]?.[at] ?? 0.5, widths[at] ?? 1);
  const kernels = shares.map((_, which) => axes.map((axis, at) => kernelAt(which, at, axis)));
  return {
    logAt: (place) => {
      const logs = kernels.map((parts, which) =>
        parts.reduce(
          (sum, part, at) => sum + part.logAt(place[at] ?? 0.5),
          Math.log(shares[which] as number),
        ),
      );
      return logSumExp(logs);
    },
    draw: (random) => {
      const parts = kernels[pick(shares, random)] as Kernel[];
      return Float64Array.from(parts, (part) => part.draw(random));
    },
  };
}

/** A kernel along one axis. */
interface Kernel {
  readonly logAt: (place: number) => number;
  readonly draw: (random: Random) => number;
}

/**
 * Bandwidth by Scott's rule; in a set, the probability that a kernel gives to other values.
 *
 * @source Scott 1992, section 6.3.1
 */
function widthOf(axis: Axis, at: number, places: readonly ArrayLike<number>[]): number {
  const count = Math.max(1, places.length);
  const shrink = count ** (-1 / (placesNeeded + 4));
  if (axis.shape === "set") return Math.min(0.9, shrink * (1 - 1 / axis.count));
  const values = places.map((place) => place[at] ?? 0.5);
  const spread = Math.sqrt(populationVariance(values));
  return Math.max(narrowest, 1 / (count + 1), Math.min(1, 1.06 * spread * shrink));
}

/**
 * Number of dimensions for which bandwidths are chosen: few hyperparameters matter at once (Bergstra and Bengio
 * 2012).
 */
const placesNeeded = 1;

/** Normal distribution truncated at the ends of the side. @source Watanabe 2023, section 3.3 */
function kernelOf(axis: Axis, centre: number, width: number): Kernel {
  if (axis.shape === "set") return setKernel(axis, centre, width);
  const mass = normalCdf((1 - centre) / width) - normalCdf(-centre / width);
  const constant = Math.log(width * mass) + 0.5 * Math.log(2 * Math.PI);
  return {
    logAt: (place) => -0.5 * ((place - centre) / width) ** 2 - constant,
    draw: (random) => {
      for (let round = 0; round < 50; round++) {
        const place = centre + width * randomNormal(random);
        if (place >= 0 && place <= 1) return place;
      }
      return centre;
    },
  };
}

/** Keeps its value with probability 1 - `given`. @source Aitchison and Aitken 1976, section 2 */
function setKernel(axis: Axis, centre: number, given: number): Kernel {
  const other = Math.log(given / (axis.count - 1));
  const own = Math.log(1 - given);
  return {
    logAt: (place) => (Math.abs(place - centre) < 0.5 / axis.count ? own : other),
    draw: (random) => {
      if (random() >= given) return centre;
      const step = 1 + Math.floor(random() * (axis.count - 1));
      const cell = (Math.floor(centre * axis.count) + step) % axis.count;
      return (cell + 0.5) / axis.count;
    },
  };
}

/** A normal distribution as wide as the side; uniform over the values of a set. */
function broadKernel(axis: Axis): Kernel {
  return axis.shape === "set"
    ? setKernel(axis, 0.5 / axis.count, 1 - 1 / axis.count)
    : kernelOf(axis, 0.5, 1);
}

function pick(shares: readonly number[], random: Random): number {
  let rest = random();
  for (const [at, share] of shares.entries()) {
    rest -= share;
    if (rest < 0) return at;
  }
  return shares.length - 1;
}

/** @source the sum of exponentials, with the largest taken out first so that none overflows */
function logSumExp(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0));
}
