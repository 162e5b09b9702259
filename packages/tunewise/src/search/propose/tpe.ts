/** @file Tree-structured Parzen estimator (TPE): proposes points that are likely among good trials only. */
import { mean, type Random } from "@tunewise/core/math";
import { type Axis, settled } from "../space/axis.ts";
import { type Density, densityFrom } from "./kernel-density.ts";
import type { Observation, Seen } from "./observation.ts";

/** Number of samples from the density of the good trials, and number of the best that are returned. */
const candidateCount = 64;
/** Share of trials that count as good, and their maximum number. */
const goodShare = 0.15;
const maxGood = 25;

/**
 * Returns candidates, best first, by the ratio of two densities: of the good trials and of the others.
 *
 * Both densities are joint over all hyperparameters, so that values that occur together are proposed together.
 * Good trials are weighted by how much better they are than the threshold. Running trials count among the others,
 * so that parallel workers do not all try the same.
 *
 * @returns points in the unit cube
 * @source Bergstra et al. 2011, Algorithms for Hyper-Parameter Optimization, section 4; joint kernels as in Falkner et
 *   al. 2018 (arXiv 1807.01774), section 4; weights by improvement and the narrowest kernel as in Watanabe 2023 (arXiv
 *   2304.11127), sections 3.2 and 3.3
 */
export function tpeCandidates(axes: readonly Axis[], seen: Seen, random: Random): Float64Array[] {
  const sorted = [...seen.done].sort((a, b) => compareLoss(a.loss, b.loss));
  const goodCount = Math.min(maxGood, Math.max(1, Math.ceil(goodShare * sorted.length)));
  const good = sorted.slice(0, goodCount).filter(({ loss }) => Number.isFinite(loss));
  const others = sorted.slice(good.length);
  const inside = densityFrom(axes, good.map(placeOf), improvements(good, others[0]));
  const outside = [...others.map(placeOf), ...seen.running];
  const beside = densityFrom(
    axes,
    outside,
    outside.map(() => 1),
  );
  return ranked(axes, inside, beside, random);
}

function ranked(axes: readonly Axis[], inside: Density, beside: Density, random: Random): Float64Array[] {
  const drawn = Array.from({ length: candidateCount }, () => {
    const place = settled(axes, inside.draw(random));
    return { place, score: inside.logAt(place) - beside.logAt(place) };
  });
  return drawn.sort((a, b) => b.score - a.score).map(placeOf);
}

/** Improvement of each good trial over the threshold, plus a floor so that the last of them counts too. */
function improvements(good: readonly Observation[], next: Observation | undefined): number[] {
  const border = next !== undefined && Number.isFinite(next.loss) ? next.loss : (good.at(-1)?.loss ?? 0);
  const gains = good.map(({ loss }) => Math.max(0, border - loss));
  const usual = mean(gains);
  return usual > 0 ? gains.map((gain) => 0.5 + (0.5 * gain) / usual) : gains.map(() => 1);
}

/** Compares losses with failures last; equal failures keep their order. */
export function compareLoss(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function placeOf(observation: { readonly place: Float64Array }): Float64Array {
  return observation.place;
}
