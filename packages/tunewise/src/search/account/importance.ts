/**
 * @file Hyperparameter importance by functional ANOVA: the share of the variance of results that each
 *   hyperparameter explains.
 */

import { mean, mulberry32For, nearestQuantile, product, resampled } from "@tunewise/core/math";
import { forFit } from "../propose/expected-improvement.ts";
import type { Observation } from "../propose/observation.ts";
import type { Axis } from "../space/axis.ts";
import { cellOf, growTree, type Leaf, type Sample, type Side } from "./tree.ts";

/** Importance of one hyperparameter. */
export interface HyperparameterImportance {
  readonly knob: string;
  /** Share of the variance over the space that the hyperparameter explains by itself, 0 to 1. */
  readonly share: number;
  /** 95 % bootstrap interval over trials. */
  readonly interval: { readonly low: number; readonly high: number };
}

/** Number of bootstrap samples, and trees per sample. */
const draws = 60;
const treesPerDraw = 4;
/** Minimum number of trials for a meaningful result. */
const minTrials = 8;

/**
 * Share of the variance of each hyperparameter, most important first; empty if there are too few trials.
 *
 * Random forests are grown from bootstrapped trials; in each tree the variance of a hyperparameter's own effect,
 * averaged over all others, is exact. Shares do not add up to 1: interactions belong to no single hyperparameter.
 *
 * @source Hutter, Hoos and Leyton-Brown 2014, An Efficient Approach for Assessing Hyperparameter Importance (ICML),
 *   algorithm 2; intervals by Efron and Tibshirani 1993, section 13.3
 */
export function hyperparameterImportance(
  axes: readonly Axis[],
  done: readonly Observation[],
  seed: number,
): HyperparameterImportance[] {
  if (done.length < minTrials) return [];
  const samples = forFit(done).map(({ place, loss }): Sample => ({ place, value: loss }));
  const random = mulberry32For(seed, 2);
  const shares = Array.from({ length: draws }, () => {
    const drawn = resampled(samples, random);
    const trees = Array.from({ length: treesPerDraw }, () => growTree(axes, drawn, random));
    return sharesOf(axes, trees);
  });
  const found = axes.map(({ name }, at): HyperparameterImportance => {
    const sorted = shares.map((share) => share[at] ?? 0).sort((a, b) => a - b);
    const interval = { low: nearestQuantile(sorted, 0.025), high: nearestQuantile(sorted, 0.975) };
    return { knob: name, share: mean(sorted), interval };
  });
  return found.sort((a, b) => b.share - a.share);
}

/** @source Hutter et al. 2014, section 3: variance of each marginal over the variance of the tree, summed over trees */
function sharesOf(axes: readonly Axis[], trees: readonly Leaf[][]): number[] {
  const sums = axes.map(() => 0);
  let whole = 0;
  for (const leaves of trees) {
    const sizes = leaves.map(({ sides }) => axes.map((axis, at) => sizeOf(axis, sides[at] as Side)));
    const volumes = sizes.map(product);
    const mean = leaves.reduce((sum, { value }, leaf) => sum + value * (volumes[leaf] as number), 0);
    whole += leaves.reduce(
      (sum, { value }, leaf) => sum + (volumes[leaf] as number) * (value - mean) ** 2,
      0,
    );
    for (const [at, axis] of axes.entries()) {
      const weights = leaves.map((_, leaf) => (volumes[leaf] as number) / (sizes[leaf]?.[at] as number));
      sums[at] = (sums[at] ?? 0) + marginalVariance(axis, at, leaves, weights, mean);
    }
  }
  return sums.map((sum) => (whole > 0 ? sum / whole : 0));
}

function sizeOf(axis: Axis, side: Side): number {
  return side instanceof Set
    ? side.size / axis.count
    : (side as { to: number }).to - (side as { from: number }).from;
}

/**
 * Variance of the tree along one axis, averaged over all others; exact, since it is constant between the leaves'
 * edges.
 *
 * @source Hutter et al. 2014, section 3, marginal of one variable
 */
function marginalVariance(
  axis: Axis,
  at: number,
  leaves: readonly Leaf[],
  weights: readonly number[],
  mean: number,
): number {
  const edges = [0, 1];
  for (const { sides } of leaves) {
    const side = sides[at] as Side;
    if (!(side instanceof Set)) edges.push((side as { from: number }).from);
  }
  const cells =
    axis.shape === "set"
      ? Array.from({ length: axis.count }, (_, at) => ({
          middle: (at + 0.5) / axis.count,
          size: 1 / axis.count,
        }))
      : between([...new Set(edges)].sort((a, b) => a - b));
  return cells.reduce((sum, { middle, size }) => {
    const height = leaves.reduce(
      (total, { sides, value }, leaf) =>
        holds(axis, sides[at] as Side, middle) ? total + value * (weights[leaf] as number) : total,
      0,
    );
    return sum + size * (height - mean) ** 2;
  }, 0);
}

function between(edges: readonly number[]): { middle: number; size: number }[] {
  return edges.slice(1).map((to, at) => {
    const from = edges[at] as number;
    return { middle: (from + to) / 2, size: to - from };
  });
}

function holds(axis: Axis, side: Side, place: number): boolean {
  if (side instanceof Set) return side.has(cellOf(axis, place));
  const { from, to } = side as { from: number; to: number };
  return place >= from && place < to;
}
