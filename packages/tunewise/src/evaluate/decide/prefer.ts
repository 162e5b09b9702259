/** @file Which of two arms is preferred, in one simulation and over all of them. */
import { dollars } from "@tunewise/core/quantity";
import type { ArmDraws, Simulations } from "./draws.ts";
import { type DecisionArm, type DecisionInput, isTuned, type Objective } from "./input.ts";

/** An arm in one simulation. */
export interface Standing {
  readonly quality: number;
  /** Total cost over the horizon, in dollars. */
  readonly usd: number;
  /** Whether it is the arm that a gain is measured from: the status quo. */
  readonly isReference: boolean;
}

/**
 * Whether the first arm is preferred to the second.
 *
 * @param over quality of the arm that a gain is measured from; for a margin, quality of the best arm that is not
 *   tuned. An arm below it by more than the margin is not an alternative, however cheap it is.
 */
export function isPreferred(
  objective: Objective,
  first: Standing,
  second: Standing,
  answers: number,
  over: number,
): boolean {
  if (objective.kind === "value") {
    const worth = dollars(objective.usdPerCorrect) * answers;
    return worth * first.quality - first.usd > worth * second.quality - second.usd;
  }
  if (objective.kind === "margin") {
    if (first.quality < over - objective.margin) return false;
    const isNoChoice = second.quality < over - objective.margin;
    return isNoChoice || (first.usd <= second.usd && first.quality > second.quality - objective.margin);
  }
  if (first.isReference) return !reaches(objective, second.quality, over);
  if (!reaches(objective, first.quality, over)) return false;
  if (second.isReference) return true;
  return !reaches(objective, second.quality, over) || first.usd < second.usd;
}

/** Whether a quality meets the objective; every quality does if no target was named. */
export function reaches(objective: Objective, quality: number, over: number): boolean {
  if (objective.kind === "target") return quality >= objective.quality;
  return objective.kind === "gain" ? quality - over >= objective.by : true;
}

/** Arms whose best quality an objective is measured from. */
export function referencesOf({ objective, arms }: Pick<DecisionInput, "objective" | "arms">): number[] {
  const those = (are: (arm: DecisionArm) => boolean) => arms.flatMap((arm, at) => (are(arm) ? [at] : []));
  if (objective.kind === "gain") return those(({ name }) => name === objective.over);
  return objective.kind === "margin" ? those((arm) => arm.kind !== "oracle" && !isTuned(arm)) : [];
}

/** Shares of simulations, by index of the arm in the input. */
export interface Chances {
  /** Share of simulations in which the first arm is preferred. */
  readonly prefers: (first: number, second: number) => number;
  /** Share of simulations in which the arm meets the objective. */
  readonly reaches: (arm: number) => number;
}

/**
 * Counts simulations.
 *
 * @param answers over the horizon in every simulation, or one number for all of them
 */
export function chancesOf(
  input: DecisionInput,
  simulations: Simulations,
  answers: Float64Array | number,
): Chances {
  const { objective } = input;
  const references = referencesOf(input);
  const drawn = (arm: number): ArmDraws => simulations.arms[arm] as ArmDraws;
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
    for (let draw = 0; draw < simulations.count; draw++) if (holds(draw)) held++;
    return held / simulations.count;
  };
  return {
    prefers: (first, second) =>
      share((draw) =>
        isPreferred(objective, standing(first, draw), standing(second, draw), volume(draw), over(draw)),
      ),
    reaches: (arm) => share((draw) => reaches(objective, drawn(arm).quality[draw] ?? 0, over(draw))),
  };
}
