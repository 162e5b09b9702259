/** @file Weighs arms over all simulations, at one volume or, if none is known, at all volumes. */

import type { Simulations } from "./draws.ts";
import type { DecisionInput } from "./input.ts";
import { type Chances, chancesOf } from "./prefer.ts";

/** Required confidence of a verdict. */
export const confidence = 0.95;

/** Monthly volumes to try if the volume is not known: from 10 to about 300 million answers. */
const volumes: readonly number[] = Array.from({ length: 16 }, (_, at) => 10 ** (1 + at / 2));

/** Arms that may win, by index in the input. */
export interface Eligible {
  readonly tuned: readonly number[];
  readonly others: readonly number[];
  /** Extrapolated arms without measurements: tuning must beat them, but they are never recommended. */
  readonly extrapolated: readonly number[];
}

/** The result of weighing. */
export interface Weighed {
  readonly says: "tune" | "do-not-tune" | "none-reaches" | "open";
  /** Index of the arm, or `null`. */
  readonly arm: number | null;
  /** Share of simulations in which it holds against the strongest alternative. */
  readonly chance: number;
  /** Index of the strongest alternative. */
  readonly rival: number | null;
  /** Share of simulations that a verdict for it needs, and the number of candidates it is chosen from. */
  readonly needs: number;
  readonly candidates: number;
}

/**
 * Weighs arms over all simulations.
 *
 * "Tune" must beat every other arm, each in 95 % of the simulations: an intersection-union test, which needs no
 * correction. "Use this arm instead" picks the best of several, so the error rate is divided by their number.
 *
 * @source Berger 1982, Technometrics 24, 295-300 (intersection-union tests); Bonferroni as the first step of Holm 1979
 */
export function weigh(
  input: DecisionInput,
  simulations: Simulations,
  eligible: Eligible,
  answers: Float64Array | number,
): Weighed {
  const chances = chancesOf(input, simulations, answers);
  const { tuned, others, extrapolated } = eligible;
  const asks = input.objective.kind === "target" || input.objective.kind === "gain";
  const stand = (arms: readonly number[], rivals: readonly number[]): Weighed[] =>
    arms.map((arm) => ({
      ...strongestAlternative(chances, arm, rivals),
      needs: neededShare(arms.length),
      candidates: arms.length,
    }));
  const tune = stand(tuned, [...others, ...extrapolated]);
  // without a tuned arm, only a target can show that another arm is enough
  const instead = tuned.length > 0 || asks ? stand(others, tuned) : [];
  const enough = mostConfident(chances, instead);
  if (enough) return { ...enough, says: "do-not-tune" };
  const worth = mostConfident(chances, tune);
  if (worth) return { ...worth, says: "tune" };
  const missed = Math.min(1, ...[...tuned, ...others].map((arm) => 1 - chances.reaches(arm)));
  if (missed >= confidence) return { ...nothing, says: "none-reaches", chance: missed };
  return [...tune, ...instead].reduce((one, next) => (next.chance > one.chance ? next : one), nothing);
}

/** Share of the simulations in which one of several candidates must hold. @source as for `weigh` */
function neededShare(candidates: number): number {
  return 1 - (1 - confidence) / candidates;
}

/** Of the arms that hold in enough simulations, the one that the others beat least often; `null` if there is none. */
function mostConfident(chances: Chances, arms: readonly Weighed[]): Weighed | null {
  const held = arms.filter(({ chance, needs }) => chance >= needs);
  const beaten = ({ arm }: Weighed): number =>
    Math.max(0, ...held.map((other) => (other.arm === arm ? 0 : chances.prefers(other.arm ?? 0, arm ?? 0))));
  return held.reduce<Weighed | null>(
    (one, next) => (one === null || beaten(next) < beaten(one) ? next : one),
    null,
  );
}

/** Result by volume, in answers a month; consecutive equal results form one entry. */
export interface ByVolume extends Weighed {
  readonly fromPerMonth: number;
  readonly toPerMonth: number;
}

/** Weighs at volumes from 10 to about 300 million answers a month. @source a half-decade grid */
export function weighVolumes(input: DecisionInput, simulations: Simulations, eligible: Eligible): ByVolume[] {
  const found: ByVolume[] = [];
  for (const perMonth of volumes) {
    const weighed = weigh(input, simulations, eligible, perMonth * input.months);
    const last = found.at(-1);
    if (last?.says === weighed.says && (last.says === "open" || last.arm === weighed.arm)) {
      found[found.length - 1] = {
        ...last,
        toPerMonth: perMonth,
        chance: Math.min(last.chance, weighed.chance),
      };
    } else found.push({ ...weighed, fromPerMonth: perMonth, toPerMonth: perMonth });
  }
  return found;
}

const nothing: Weighed = {
  says: "open",
  arm: null,
  chance: 0,
  rival: null,
  needs: confidence,
  candidates: 1,
};

/** The result for an arm before the number of candidates is known. */
type Alone = Omit<Weighed, "needs" | "candidates">;

/** The alternative that the arm beats least often; without alternatives, whether the arm meets the objective. */
function strongestAlternative(chances: Chances, arm: number, rivals: readonly number[]): Alone {
  const alone = { says: "open" as const, arm, chance: chances.reaches(arm), rival: null };
  return rivals.reduce<Alone>((lowest, rival) => {
    const chance = chances.prefers(arm, rival);
    return lowest.rival === null || chance < lowest.chance ? { says: "open", arm, chance, rival } : lowest;
  }, alone);
}
