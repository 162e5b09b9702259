/**
 * @file Advises whether to continue searching: expected improvement of the next trial against its cost and the
 *   noise.
 */

import { mulberry32For } from "../../math/index.ts";
import { countOf, dollars, type Usd, usdText } from "../../quantity/index.ts";
import { expectedGain, forFit } from "../propose/expected-improvement.ts";
import { fitSurface } from "../propose/gaussian-process.ts";
import type { Observation } from "../propose/observation.ts";
import { warmUp } from "../propose/propose.ts";
import { type Axis, settled } from "../space/axis.ts";

/** Advice with the figures behind it. */
export interface SearchAdvice {
  readonly verdict: "go-on" | "stop" | "cannot-tell";
  /** Expected improvement of the best next trial; 0 or above, `null` if it cannot be estimated. */
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
const ahead = 5;

/**
 * Advises based on the trials at the highest rung that has enough of them.
 *
 * @param noise standard deviation of a result if known; otherwise the Gaussian process's own estimate
 * @source Jones et al. 1998, equation 15, for the gain; the rule of five trials against one deviation is ours
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
    const unknown = { expectedGain: null, noise: null, gainPerUsd: null };
    return { verdict: "cannot-tell", ...unknown, usdPerTrial, sentence };
  }
  const kept = forFit(done);
  const surface = fitSurface(
    axes,
    kept.map(({ place }) => place),
    kept.map(({ loss }) => loss),
  );
  const best = Math.min(...kept.map(({ place }) => surface.at(place).mean));
  const random = mulberry32For(seed, 3, done.length);
  let gain = 0;
  for (let draw = 0; draw < places; draw++) {
    const place = settled(axes, Float64Array.from(axes, random));
    gain = Math.max(gain, expectedGain(surface, place, best));
  }
  const deviation = noise ?? surface.noise;
  const verdict = ahead * gain > deviation ? "go-on" : "stop";
  const price = dollars(usdPerTrial);
  return {
    ...{ verdict, expectedGain: gain, noise: deviation, usdPerTrial },
    gainPerUsd: price > 0 ? gain / price : null,
    sentence: adviceSentence(verdict, gain, deviation, usdPerTrial),
  };
}

function adviceSentence(verdict: "go-on" | "stop", gain: number, noise: number, price: Usd): string {
  const figures = `the next trial (about ${usdText(price)}) is expected to gain ${gain.toPrecision(2)}`;
  const against = `one run differs from the next by ${noise.toPrecision(2)} by chance`;
  return verdict === "go-on" ? `Go on: ${figures}, and ${against}.` : `Stop: ${figures}, but ${against}.`;
}
