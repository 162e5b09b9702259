/**
 * @file What a search may spend and what its work costs, from the plan of the recipe.
 *
 * The unit of training is a trial's whole training: rungs are shares of it, whatever its number of steps. A machine
 * that costs nothing is searched in minutes, which count as dollars at one dollar an hour.
 */

import type { Plan, TimePart } from "../../plan/index.ts";
import { problem } from "../../problem/index.ts";
import {
  cost,
  dollars,
  type Range,
  range,
  type Seconds,
  seconds,
  type Usd,
  usd,
} from "../../quantity/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { SearchRate } from "../../report/index.ts";
import type { SearchMoney } from "../../search/index.ts";

/** A search's money without what differs from point to point. */
export type PlainMoney = Omit<SearchMoney, "costFactor">;

/**
 * What a stretch may take beyond its price to come to an end: the guard of a run keeps a second back for saving before
 * it knows how long that takes, and a step may wait for the disk.
 */
const graceSeconds = 2;

/** The price at which a recipe's search counts. */
export function rateOf({ machine }: Pick<Recipe, "machine">): SearchRate {
  const isMoney = machine.usdPerHour > 0;
  return { usdPerHour: usd(isMoney ? machine.usdPerHour : 1), isMoney };
}

/** The price of one of so many equal parts of the machine. */
export function shareOf({ usdPerHour, isMoney }: SearchRate, parallel: number): SearchRate {
  return { usdPerHour: usd(dollars(usdPerHour) / parallel), isMoney };
}

/**
 * All that a search and its final runs may cost.
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
 * What the search's work costs by the plan of the recipe.
 *
 * @param trials the plan on the part of the machine that a trial has, and what its process takes until it opens the
 *   model; without it a trial has the whole machine and needs no process
 */
export function moneyOf(
  recipe: Recipe,
  plan: Plan,
  budgetUsd: Usd,
  trials: { readonly plan: Plan; readonly bootSeconds: Range<Seconds> } | null = null,
): PlainMoney {
  const whole = rateOf(recipe);
  const { usdPerHour } = shareOf(whole, recipe.search.parallel);
  const part = trials?.plan ?? plan;
  const { evaluations, steps } = part.schedule;
  const evaluation = scaled(secondsOf(part, ["validate"]), 1 / Math.max(1, evaluations));
  const step = secondsOf(part, ["train"]).high / Math.max(1, steps);
  const tick = seconds(evaluation.high + step + graceSeconds);
  const start = sum(secondsOf(part, ["start", "importance"]), evaluation);
  return {
    budgetUsd,
    finalRunUsd: recipe.search.final ? cost(whole.usdPerHour, finalSeconds(plan)) : usd(0),
    finalTrainingUsd: recipe.search.final ? cost(whole.usdPerHour, trainingSeconds(plan).high) : usd(0),
    usdPerHour: range(usdPerHour, usdPerHour, usdPerHour),
    secondsPerUnit: trainingSeconds(part),
    startSeconds: trials === null ? start : sum(start, trials.bootSeconds),
    tickUsd: cost(usdPerHour, tick),
  };
}

/** Seconds of one whole training, without what comes before and after. */
export function trainingSeconds(plan: Plan): Range<Seconds> {
  return secondsOf(plan, ["train", "validate", "save"]);
}

/**
 * Kept back at most: the winner trained from the start and judged with its base, and the recipe's own settings trained
 * and judged beside it.
 */
function finalSeconds(plan: Plan): Seconds {
  const own = secondsOf(plan, ["start", "importance", "train", "validate", "save", "test-tuned"]).high;
  return seconds(2 * own + secondsOf(plan, ["forgetting", "test-base"]).high);
}

/** Seconds of some parts of a plan together. */
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

/** What a stretch may cost beyond its price; its last evaluation aside, that is the tick. */
export function graceAt({ usdPerHour }: SearchRate): Usd {
  return cost(usdPerHour, seconds(graceSeconds));
}
