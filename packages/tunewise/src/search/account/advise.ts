/**
 * @file Advises whether to continue searching: expected improvement of the next trial against its cost and the
 *   noise.
 */

import { mulberry32For } from "@tunewise/core/math";
import { countOf, dollars, type Usd, usdText } from "@tunewise/core/quantity";
import { expectedGain, forFit } from "../propose/expected-improvement.ts";
import { fitSurface } from "../propose/gaussian-process.ts";
import type { Observation } from "../propose/observation.ts";
import { warmUp } from "../propose/propose.ts";
import { type Axis, settled } from "../space/axis.ts";

/** Advice with the figures behind it. */
export interface SearchAdvice {
  readonly verdict: "go-on" | "stop" | "cannot-tell";
  /** Number of further trials that `expectedGain` is for. */
  readonly furtherTrials: number;
  /** Expected improvement by that many further trials together; 0 or above, `null` if it cannot be estimated. */
  readonly expectedGain: number | null;
  /** Standard deviation of one run's result, as given or estimated from the trials. */
  readonly noise: number | null;
  readonly usdPerTrial: Usd;
  readonly gainPerUsd: number | null;
  readonly sentence: string;
}

/** Number of points at which the expected improvement is evaluated. */
const places = 1000;
/** Look-ahead in trials: if this many together are not expected to gain more than noise, stop. */
const furtherTrials = 5;

/**
 * Advises based on the trials at the highest rung that has enough of them.
 *
 * @param noise standard deviation of a result if known; otherwise the Gaussian process's own estimate
 * @source Jones et al. 1998, equation 15, for the gain of one trial; Ginsbourger et al. 2010, section 4.2 ("kriging
 *   believer"), for several: each is assumed to end as predicted. The rule of five trials against one deviation is ours
 */
export function adviseSearch(
  axes: readonly Axis[],
  done: readonly Observation[],
  usdPerTrial: Usd,
  noise: number | undefined,
  seed: number,
): SearchAdvice {
  const finite = done.filter(({ loss }) => Number.isFinite(loss));
  if (finite.length < warmUp(axes)) {
    const sentence = `${countOf(finite.length, "result")} are too few to say what another trial would gain.`;
    const unknown = { furtherTrials, expectedGain: null, noise: null, gainPerUsd: null };
    return { verdict: "cannot-tell", ...unknown, usdPerTrial, sentence };
  }
  const { gain, surfaceNoise } = gainOfFurtherTrials(axes, forFit(done), mulberry32For(seed, 3, done.length));
  const deviation = noise ?? surfaceNoise;
  const verdict = gain > deviation ? "go-on" : "stop";
  const price = dollars(usdPerTrial) * furtherTrials;
  return {
    verdict,
    furtherTrials,
    expectedGain: gain,
    noise: deviation,
    usdPerTrial,
    gainPerUsd: price > 0 ? gain / price : null,
    sentence: adviceSentence(verdict, gain, deviation, usdPerTrial),
  };
}

/** Expected improvement by `furtherTrials` trials, each at the point of largest gain, if results are as predicted. */
function gainOfFurtherTrials(
  axes: readonly Axis[],
  kept: readonly Observation[],
  random: () => number,
): { gain: number; surfaceNoise: number } {
  const tried = kept.map(({ place }) => place);
  const losses = kept.map(({ loss }) => loss);
  let gain = 0;
  let surfaceNoise = 0;
  for (let trial = 0; trial < furtherTrials; trial++) {
    const surface = fitSurface(axes, tried, losses);
    if (trial === 0) surfaceNoise = surface.noise;
    const best = Math.min(...tried.map((place) => surface.at(place).mean));
    const candidates = Array.from({ length: places }, () => {
      const place = settled(axes, Float64Array.from(axes, random));
      return { place, gain: expectedGain(surface, place, best) };
    });
    const next = candidates.reduce((a, b) => (b.gain > a.gain ? b : a));
    gain += next.gain;
    tried.push(next.place);
    losses.push(surface.at(next.place).mean);
  }
  return { gain, surfaceNoise };
}

function adviceSentence(verdict: "go-on" | "stop", gain: number, noise: number, price: Usd): string {
  const figures = `${furtherTrials} more trials (about ${usdText(price)} each) are expected to gain ${gain.toPrecision(2)}`;
  const against = `one run differs from the next by ${noise.toPrecision(2)} by chance`;
  return verdict === "go-on" ? `Go on: ${figures}, and ${against}.` : `Stop: ${figures}, but ${against}.`;
}
