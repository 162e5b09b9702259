/**
 * @file What the worlds say at one volume, or at all volumes where none is known.
 */

import type { Worlds } from "./draws.ts";
import type { DecisionInput } from "./input.ts";
import { type Chances, chancesOf } from "./prefer.ts";

/** How sure a verdict must be. */
export const sure = 0.95;

/** Answers a month from one every three days to three hundred million, for where the volume is not known. */
const volumes: readonly number[] = Array.from({ length: 16 }, (_, at) => 10 ** (1 + at / 2));

/** Arms that may win, by place in the input. */
export interface Eligible {
  readonly tuned: readonly number[];
  readonly others: readonly number[];
  /** Arms that nobody measured but that are foreseen; tuning must beat them, nobody is sent to them. */
  readonly foreseen: readonly number[];
}

/** What the worlds say. */
export interface Weighed {
  readonly says: "tune" | "do-not-tune" | "none-reaches" | "open";
  /** The arm it is about; `null` where none. */
  readonly arm: number | null;
  /** Share of worlds in which it holds, against the rival that is hardest to beat. */
  readonly chance: number;
  /** That rival. */
  readonly rival: number | null;
}

/**
 * Weighs arms in all worlds.
 *
 * "Tune" must beat every other arm, each in 95 % of the worlds: an intersection, which needs no correction. "Use this
 * arm instead" picks the best of several, so that it must hold with the chance of error divided by their number.
 *
 * @source Berger 1982, Technometrics 24, 295-300 (intersection-union tests); Bonferroni as the first step of Holm 1979
 */
export function weigh(
  input: DecisionInput,
  worlds: Worlds,
  eligible: Eligible,
  answers: Float64Array | number,
): Weighed {
  const chances = chancesOf(input, worlds, answers);
  const { tuned, others, foreseen } = eligible;
  const asks = input.wish.kind === "target" || input.wish.kind === "gain";
  const stand = (arms: readonly number[], rivals: readonly number[]): Weighed[] =>
    arms.map((arm) => hardest(chances, arm, rivals));
  const tune = stand(tuned, [...others, ...foreseen]);
  // without a tuned arm only a target can say that another is enough
  const instead = tuned.length > 0 || asks ? stand(others, tuned) : [];
  const enough = passing(chances, instead);
  if (enough) return { ...enough, says: "do-not-tune" };
  const worth = passing(chances, tune);
  if (worth) return { ...worth, says: "tune" };
  const missed = Math.min(1, ...[...tuned, ...others].map((arm) => 1 - chances.reaches(arm)));
  if (missed >= sure) return { says: "none-reaches", arm: null, chance: missed, rival: null };
  return [...tune, ...instead].reduce((one, next) => (next.chance > one.chance ? next : one), nothing);
}

/** Of the arms that hold well enough, the one that the others of them beat least; `null` where none holds. */
function passing(chances: Chances, arms: readonly Weighed[]): Weighed | null {
  const level = 1 - (1 - sure) / arms.length;
  const held = arms.filter(({ chance }) => chance >= level);
  const beaten = ({ arm }: Weighed): number =>
    Math.max(0, ...held.map((other) => (other.arm === arm ? 0 : chances.prefers(other.arm ?? 0, arm ?? 0))));
  return held.reduce<Weighed | null>(
    (one, next) => (one === null || beaten(next) < beaten(one) ? next : one),
    null,
  );
}

/** What is said by volume, in answers a month; runs of the same answer are one entry. */
export interface ByVolume extends Weighed {
  readonly fromPerMonth: number;
  readonly toPerMonth: number;
}

/** Weighs at every volume from ten to three hundred million answers a month. @source a half-decade grid */
export function weighVolumes(input: DecisionInput, worlds: Worlds, eligible: Eligible): ByVolume[] {
  const found: ByVolume[] = [];
  for (const perMonth of volumes) {
    const weighed = weigh(input, worlds, eligible, perMonth * input.months);
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

const nothing: Weighed = { says: "open", arm: null, chance: 0, rival: null };

/** The arm against the rival it beats least often; without rivals, whether it is what was wished for. */
function hardest(chances: Chances, arm: number, rivals: readonly number[]): Weighed {
  const alone = { says: "open" as const, arm, chance: chances.reaches(arm), rival: null };
  return rivals.reduce<Weighed>((least, rival) => {
    const chance = chances.prefers(arm, rival);
    return least.rival === null || chance < least.chance ? { says: "open", arm, chance, rival } : least;
  }, alone);
}
