/** @file Outcome of a learning rate range test: its cost limit, its file, and the narrowed search space. */

import { existsSync } from "node:fs";
import { cost, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { readTextFile } from "@tunewise/core/untrusted";
import type { Plan } from "../../plan/index.ts";
import { problem } from "../../problem/index.ts";
import type { RangeOutcome, RateBounds, SearchRate } from "../../report/index.ts";
import type { SearchFolder } from "./search-folder.ts";
import { graceCost, secondsOf } from "./search-money.ts";
import type { RecipeSpace } from "./space.ts";

/** The hyperparameter that the test narrows. */
export const learningRateKey = "training.learning_rate";

/** Maximum cost of the test; 0 if the recipe has no test. */
export function maxRangeTestUsd(plan: Plan, steps: number | null, rate: SearchRate): Usd {
  if (steps === null) return usd(0);
  const step = secondsOf(plan, ["train"]).high / Math.max(1, plan.schedule.steps);
  const all = seconds(secondsOf(plan, ["start", "importance"]).high + steps * step);
  return (cost(rate.usdPerHour, all) + graceCost(rate)) as Usd;
}

/**
 * Reads the outcome of a finished test. Returns `null` if the test has not finished.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readRangeOutcome({ rangeTest: path }: SearchFolder): Promise<RangeOutcome | null> {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(await readTextFile(path)) as RangeOutcome;
  } catch (cause) {
    throw problem("RUN_FILE_UNREADABLE", { path, reason: "it is not valid JSON" }, { cause });
  }
}

/** Narrows the learning rate of a search space to the bounds that the test found. */
export function narrowByOutcome(given: RecipeSpace, outcome: RangeOutcome | null): RecipeSpace {
  const knob = given.space[learningRateKey];
  if (outcome === null || knob === undefined || knob.kind === "choice") return given;
  return { ...given, space: { ...given.space, [learningRateKey]: { ...knob, ...outcome.kept } } };
}

/** Bounds of the learning rate in a space that searches it as a range. */
export function rateBounds(space: RecipeSpace["space"]): RateBounds {
  const knob = space[learningRateKey];
  if (knob === undefined || knob.kind === "choice") throw new Error("Internal: a range test without ends");
  return { low: knob.low, high: knob.high };
}
