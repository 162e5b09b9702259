/** @file Candidates by expected improvement under a Gaussian process. */
import { normalCdf, type Random, randomNormal } from "@tunewise/core/math";
import { type Axis, settled } from "../space/axis.ts";
import { fitSurface, type Surface } from "./gaussian-process.ts";
import type { Observation, Seen } from "./observation.ts";
import { compareLoss } from "./tpe.ts";

/** Maximum number of trials that a process is fitted to: the cost is cubic. */
const maxFitted = 120;

/** Number of points evaluated over the whole cube, around the best trials, and around the best of those. */
const wide = 384;
const around = 256;
const refined = 128;
/** Radius of the neighborhood, as a share of a side. */
const reach = 0.08;

/**
 * Returns candidates, best first, by expected improvement under a Gaussian process.
 *
 * Running trials are imputed with their expected result, so that parallel workers do not all try the same.
 *
 * @returns points in the unit cube
 * @source Jones, Schonlau and Welch 1998, Journal of Global Optimization 13, 455-492, equation 15; running trials as
 *   the "Kriging believer" of Ginsbourger et al. 2010, section 4.1
 */
export function improvementCandidates(axes: readonly Axis[], seen: Seen, random: Random): Float64Array[] {
  const { surface, best, places } = modelOf(axes, seen);
  const score = (place: Float64Array) => ({ place, gain: logGain(surface, place, best) });
  const spread = Array.from({ length: wide }, () => Float64Array.from(axes, random));
  const near = Array.from({ length: around }, (_, at) =>
    moved(axes, places[at % Math.min(5, places.length)] as Float64Array, reach, random),
  );
  const first = [...spread, ...near].map((place) => score(settled(axes, place)));
  first.sort((a, b) => b.gain - a.gain);
  const second = Array.from({ length: refined }, (_, at) =>
    score(settled(axes, moved(axes, (first[at % 4] as { place: Float64Array }).place, reach / 3, random))),
  );
  return [...first, ...second].sort((a, b) => b.gain - a.gain).map(({ place }) => place);
}

/** The process over completed trials, with running ones imputed; best first. */
function modelOf(
  axes: readonly Axis[],
  seen: Seen,
): { surface: Surface; best: number; places: Float64Array[] } {
  const kept = forFit(seen.done);
  const places = kept.map(({ place }) => place);
  const losses = kept.map(({ loss }) => loss);
  const surface = fitSurface(axes, places, losses);
  const best = Math.min(...places.map((place) => surface.at(place).mean));
  if (seen.running.length === 0) return { surface, best, places };
  const believed = [...losses, ...seen.running.map((place) => surface.at(place).mean)];
  return { surface: fitSurface(axes, [...places, ...seen.running], believed), best, places };
}

/**
 * The best trials and as many of the others as a fit can take, best first, with losses bounded above.
 *
 * A result far worse than the median is only known to be bad: failures and diverged runs would otherwise dominate
 * the variance.
 */
export function forFit(done: readonly Observation[]): Observation[] {
  const sorted = [...done].sort((a, b) => compareLoss(a.loss, b.loss));
  const finite = sorted.filter(({ loss }) => Number.isFinite(loss)).map(({ loss }) => loss);
  const low = finite[0] ?? 0;
  const middle = finite[Math.floor(finite.length / 2)] ?? 0;
  const bound = middle + (middle - low || Math.abs(middle) || 1);
  const step = Math.max(1, sorted.length / maxFitted);
  const half = Math.min(sorted.length, maxFitted / 2);
  const chosen =
    step === 1
      ? sorted
      : sorted.filter((_, at) => at < half || (at - half) % Math.ceil((sorted.length - half) / half) === 0);
  return chosen.map(({ place, loss }) => ({ place, loss: Math.min(loss, bound) }));
}

/**
 * Logarithm of the expected improvement, which underflows to 0 far from the best.
 *
 * @source Jones et al. 1998, equation 15; the far tail by Mill's ratio, as in Ament et al. 2023 (arXiv 2310.20708)
 */
function logGain(surface: Surface, place: Float64Array, best: number): number {
  const { mean, deviation } = surface.at(place);
  const z = (best - mean) / deviation;
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  const tail = -0.5 * z * z - 0.5 * Math.log(2 * Math.PI) - 2 * Math.log(Math.max(1, -z));
  const factor = z > -4 ? Math.log(Math.max(1e-300, z * normalCdf(z) + density)) : tail;
  return Math.log(deviation) + factor;
}

/** @returns the expected improvement over `best`, 0 or above. @source Jones et al. 1998, equation 15 */
export function expectedGain(surface: Surface, place: Float64Array, best: number): number {
  return Math.exp(logGain(surface, place, best));
}

/** A point nearby: most axes moved a little, occasionally a new value of a set. */
function moved(axes: readonly Axis[], place: Float64Array, by: number, random: Random): Float64Array {
  return Float64Array.from(axes, (axis, at) => {
    const here = place[at] ?? 0.5;
    if (axis.shape === "set") return random() < 0.15 ? random() : here;
    const stays = random() < 0.3;
    const cell = Number.isFinite(axis.count) ? Math.max(by, 0.7 / axis.count) : by;
    return stays ? here : Math.min(1, Math.max(0, here + cell * randomNormal(random)));
  });
}
