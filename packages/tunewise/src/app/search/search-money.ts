/**
 * @file Budget of a search and estimated cost of its trials, from the recipe's plan.
 *
 * The unit of training is one complete training of a trial; rungs are fractions of it, whatever the number of steps.
 * On a machine without a price the budget is in minutes, counted as dollars at one dollar an hour.
 */

import {
  cost,
  dollars,
  type Range,
  range,
  type Seconds,
  seconds,
  type Usd,
  usd,
} from "@tunewise/core/quantity";
import type { Plan, TimePart } from "../../plan/index.ts";
import { problem } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { SearchRate } from "../../report/index.ts";
import type { SearchMoney } from "../../search/index.ts";

/** Costs of a search, without the factor that differs from point to point. */
export type SearchCosts = Omit<SearchMoney, "costFactor">;

/**
 * Seconds a segment may overrun its cost to finish: the budget guard reserves a second for saving before it has
 * measured that, and a step may wait for the disk.
 */
const graceSeconds = 2;

/** The rate at which a search counts time as money. */
export function rateOf({ machine }: Pick<Recipe, "machine">): SearchRate {
  const isMoney = machine.usdPerHour > 0;
  return { usdPerHour: usd(isMoney ? machine.usdPerHour : 1), isMoney };
}

/** The rate of one of `parallel` equal shares of the machine. */
export function rateOfShare({ usdPerHour, isMoney }: SearchRate, parallel: number): SearchRate {
  return { usdPerHour: usd(dollars(usdPerHour) / parallel), isMoney };
}

/**
 * Maximum cost of a search, its final runs included.
 *
 * @throws {TunewiseError} `SEARCH_WITHOUT_BUDGET`
 */
export function searchBudget(recipe: Recipe, path: string): Usd {
  const { usd: most, minutes } = recipe.search.budget;
  const rate = rateOf(recipe);
  const caps = [
    ...(most === null || !rate.isMoney ? [] : [usd(most)]),
    ...(minutes === null ? [] : [cost(rate.usdPerHour, seconds(60 * minutes))]),
  ];
  if (caps.length === 0) throw problem("SEARCH_WITHOUT_BUDGET", { path });
  return Math.min(...caps) as Usd;
}

/**
 * Estimated costs of a search, from the recipe's plan.
 *
 * @param trials the plan for a trial's share of the machine, what its process takes until it opens the model, and what
 *   it may take to end
 */
export function estimateCosts(
  recipe: Recipe,
  plan: Plan,
  budgetUsd: Usd,
  trials: {
    readonly plan: Plan;
    readonly bootSeconds: Range<Seconds>;
    readonly endSeconds: number;
  },
): SearchCosts {
  const whole = rateOf(recipe);
  const { usdPerHour } = rateOfShare(whole, recipe.search.parallel);
  const part = trials.plan;
  const { evaluations, steps } = part.schedule;
  const evaluation = scaled(secondsOf(part, ["validate"]), 1 / Math.max(1, evaluations));
  const step = secondsOf(part, ["train"]).high / Math.max(1, steps);
  const tick = seconds(evaluation.high + step + graceSeconds + trials.endSeconds);
  const start = sum(secondsOf(part, ["start", "importance"]), evaluation);
  return {
    budgetUsd,
    finalRunUsd: recipe.search.final ? cost(whole.usdPerHour, finalSeconds(plan)) : usd(0),
    finalTrainingUsd: recipe.search.final ? cost(whole.usdPerHour, trainingSeconds(plan).high) : usd(0),
    usdPerHour: range(usdPerHour, usdPerHour, usdPerHour),
    secondsPerUnit: trainingSeconds(part),
    startSeconds: sum(start, trials.bootSeconds),
    tickUsd: cost(usdPerHour, tick),
  };
}

/** Seconds of one complete training, without startup and evaluation. */
export function trainingSeconds(plan: Plan): Range<Seconds> {
  return secondsOf(plan, ["train", "validate", "save"]);
}

/**
 * Upper bound: the winner trained from scratch and evaluated with its base model, and the recipe's own settings trained
 * and evaluated beside it.
 */
function finalSeconds(plan: Plan): Seconds {
  const own = secondsOf(plan, ["start", "importance", "train", "validate", "save", "test-tuned"]).high;
  return seconds(2 * own + secondsOf(plan, ["forgetting", "test-base"]).high);
}

/** Total seconds of the named parts of a plan. */
export function secondsOf({ time }: Plan, names: readonly TimePart["name"][]): Range<Seconds> {
  const parts = time.parts.filter(({ name }) => names.includes(name));
  return parts.reduce((total, part) => sum(total, part.seconds), range(seconds(0), seconds(0), seconds(0)));
}

function sum(a: Range<Seconds>, b: Range<Seconds>): Range<Seconds> {
  return range(seconds(a.low + b.low), seconds(a.expected + b.expected), seconds(a.high + b.high));
}

function scaled({ low, expected, high }: Range<Seconds>, by: number): Range<Seconds> {
  return range(seconds(low * by), seconds(expected * by), seconds(high * by));
}

/** What a segment may cost beyond its estimate; with its last evaluation, that is the tick. */
export function graceCost({ usdPerHour }: SearchRate): Usd {
  return cost(usdPerHour, seconds(graceSeconds));
}
