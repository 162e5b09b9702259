/**
 * @file Which of two arms is to be preferred, in one world and over all of them.
 */
import { dollars } from "../../quantity/index.ts";
import type { ArmDraws, Worlds } from "./draws.ts";
import { type DecisionArm, type DecisionInput, isTuned, type Objective } from "./input.ts";

/** An arm in one world. */
export interface Standing {
  readonly quality: number;
  /** Everything it costs over the horizon, in dollars. */
  readonly usd: number;
  /** Whether it is the arm that a gain is counted from: what there is without any of the others. */
  readonly isReference: boolean;
}

/**
 * Whether the first is to be preferred to the second.
 *
 * @param over quality of the arm that a gain is counted from; for a margin, that of the best arm that is not tuned:
 *   what lies below it by more than the margin is no alternative, however cheap
 */
export function isPreferred(
  wish: Objective,
  first: Standing,
  second: Standing,
  answers: number,
  over: number,
): boolean {
  if (wish.kind === "value") {
    const worth = dollars(wish.usdPerCorrect) * answers;
    return worth * first.quality - first.usd > worth * second.quality - second.usd;
  }
  if (wish.kind === "margin") {
    if (first.quality < over - wish.margin) return false;
    const isNoChoice = second.quality < over - wish.margin;
    return isNoChoice || (first.usd <= second.usd && first.quality > second.quality - wish.margin);
  }
  if (first.isReference) return !reaches(wish, second.quality, over);
  if (!reaches(wish, first.quality, over)) return false;
  if (second.isReference) return true;
  return !reaches(wish, second.quality, over) || first.usd < second.usd;
}

/** Whether a quality is what was wished for; every quality is where no target was named. */
export function reaches(wish: Objective, quality: number, over: number): boolean {
  if (wish.kind === "target") return quality >= wish.quality;
  return wish.kind === "gain" ? quality - over >= wish.by : true;
}

/** Arms whose best quality is what a wish is counted from. */
export function referencesOf({ wish, arms }: Pick<DecisionInput, "wish" | "arms">): number[] {
  const those = (are: (arm: DecisionArm) => boolean) => arms.flatMap((arm, at) => (are(arm) ? [at] : []));
  if (wish.kind === "gain") return those(({ name }) => name === wish.over);
  return wish.kind === "margin" ? those((arm) => arm.kind !== "oracle" && !isTuned(arm)) : [];
}

/** Shares of worlds, by place of the arm in the input. */
export interface Chances {
  /** Share of worlds in which the first arm is to be preferred. */
  readonly prefers: (first: number, second: number) => number;
  /** Share of worlds in which the arm is what was wished for. */
  readonly reaches: (arm: number) => number;
}

/**
 * Counts worlds.
 *
 * @param answers over the horizon in every world, or one number for all of them
 */
export function chancesOf(input: DecisionInput, worlds: Worlds, answers: Float64Array | number): Chances {
  const { wish } = input;
  const references = referencesOf(input);
  const drawn = (arm: number): ArmDraws => worlds.arms[arm] as ArmDraws;
  const volume = (draw: number): number => (typeof answers === "number" ? answers : (answers[draw] ?? 0));
  const over = (draw: number): number =>
    references.reduce((best, at) => Math.max(best, drawn(at).quality[draw] ?? 0), 0);
  const standing = (arm: number, draw: number): Standing => {
    const { quality, fixedUsd, usdPerAnswer } = drawn(arm);
    const usd = (fixedUsd[draw] ?? 0) + volume(draw) * (usdPerAnswer[draw] ?? 0);
    return { quality: quality[draw] ?? 0, usd, isReference: references.includes(arm) };
  };
  const share = (holds: (draw: number) => boolean): number => {
    let held = 0;
    for (let draw = 0; draw < worlds.count; draw++) if (holds(draw)) held++;
    return held / worlds.count;
  };
  return {
    prefers: (first, second) =>
      share((draw) =>
        isPreferred(wish, standing(first, draw), standing(second, draw), volume(draw), over(draw)),
      ),
    reaches: (arm) => share((draw) => reaches(wish, drawn(arm).quality[draw] ?? 0, over(draw))),
  };
}
