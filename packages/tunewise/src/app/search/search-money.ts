/**
 * @file Budget of a search and estimated cost of its trials, from the recipe's plan.
 *
 * The unit of training is one complete training of a trial; rungs are fractions of it, for any number of steps. On a
 * machine without a price, the budget is in minutes, which count as dollars at one dollar an hour.
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

/** Costs of a search, without the factor that depends on the point. */
export type SearchCosts = Omit<SearchMoney, "costFactor">;

/**
 * Seconds that a segment may exceed its cost to finish. The budget guard reserves a second for saving until it has
 * measured it, and a step may wait for the disk.
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
 * Maximum cost of a search, including its final runs.
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
 * Estimates the costs of a search from the recipe's plan.
 *
 * @param trials the plan for a trial's share of the machine, the time until its process opens the model, and the time
 *   that it may take to end
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
 * Upper bound for two runs: the winner, trained from scratch and evaluated with its base model, and the recipe's own
 * settings, trained and evaluated.
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

/**
 * Maximum cost of a segment beyond its estimate. Together with the last step, evaluation and ending it gives `tickUsd`.
 */
export function graceCost({ usdPerHour }: SearchRate): Usd {
  return cost(usdPerHour, seconds(graceSeconds));
}
