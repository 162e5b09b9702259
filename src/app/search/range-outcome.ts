/**
 * @file What a range test of a search showed, what it may cost, and the space that it leaves.
 */

import { existsSync } from "node:fs";
import type { Plan } from "../../plan/index.ts";
import { problem } from "../../problem/index.ts";
import { cost, seconds, type Usd, usd } from "../../quantity/index.ts";
import type { RangeOutcome, RateEnds, SearchRate } from "../../report/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import type { SearchFolder } from "./search-folder.ts";
import { graceAt, secondsOf } from "./search-money.ts";
import type { RecipeSpace } from "./space.ts";

/** The knob that it narrows. */
export const learningRateKey = "training.learning_rate";

/** What the test may cost; 0 where the recipe wants none. */
export function rangePrice(plan: Plan, steps: number | null, rate: SearchRate): Usd {
  if (steps === null) return usd(0);
  const step = secondsOf(plan, ["train"]).high / Math.max(1, plan.schedule.steps);
  const all = seconds(secondsOf(plan, ["start", "importance"]).high + steps * step);
  return (cost(rate.usdPerHour, all) + graceAt(rate)) as Usd;
}

/**
 * What an earlier sitting found; `null`: the test has not ended.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readRangeOutcome({ rangeTest: path }: SearchFolder): Promise<RangeOutcome | null> {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(await readTextFile(path)) as RangeOutcome;
  } catch (cause) {
    throw problem("RUN_FILE_UNREADABLE", { path, reason: "it is no JSON" }, { cause });
  }
}

/** The space with the ends that the test left. */
export function narrowedBy(given: RecipeSpace, outcome: RangeOutcome | null): RecipeSpace {
  const knob = given.space[learningRateKey];
  if (outcome === null || knob === undefined || knob.kind === "choice") return given;
  return { ...given, space: { ...given.space, [learningRateKey]: { ...knob, ...outcome.kept } } };
}

/** The ends of the rate in a space that has two. */
export function endsOf(space: RecipeSpace["space"]): RateEnds {
  const knob = space[learningRateKey];
  if (knob === undefined || knob.kind === "choice") throw new Error("Internal: a range test without ends");
  return { low: knob.low, high: knob.high };
}
