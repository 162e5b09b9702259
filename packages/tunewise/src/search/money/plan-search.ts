/** @file Plans a search: how many trials the budget buys at each rung. */
import type { Range, Usd } from "@tunewise/core/quantity";
import { checkSettings } from "../check-settings.ts";
import { defaultFactor, rungsOf } from "../promote/rungs.ts";
import { type SearchSettings, trialsUsd } from "../settings.ts";
import { settingsPrice } from "./prices.ts";

/** One rung of a plan. */
export interface PlannedRung {
  /** Units of training at its end. */
  readonly units: number;
  /** Trials trained to this rung. */
  readonly trials: number;
  /** Cost of one trial from the rung below to this one, with the recipe's settings. */
  readonly eachUsd: Range<Usd>;
  /** Cost of all trials of the rung. */
  readonly totalUsd: Range<Usd>;
}

/** The planned use of a search's budget. */
export interface SearchPlan {
  readonly budgetUsd: Usd;
  readonly finalRunUsd: Usd;
  /** Budget left for trials. */
  readonly searchUsd: Usd;
  /** Lowest rung first, with as many trials as the budget buys at the high end of every price. */
  readonly rungs: readonly PlannedRung[];
  readonly trials: number;
  /** Number of trials that the budget buys at expected prices. */
  readonly expectedTrials: number;
  /** Number of full runs that the same budget buys at the high end. */
  readonly fullTrials: number;
  /** Whether a share of the trials reaches the top rung. */
  readonly reachesTop: boolean;
  /** Minimum budget with which a share of the trials reaches the top rung, including reserves. */
  readonly neededUsd: Usd;
}

/** Maximum number of trials planned, whatever the budget. */
const maxPlannedTrials = 100_000;

/**
 * Plans the trials of each rung and their cost.
 *
 * Of n trials at the lowest rung, n / eta advance to the next, and so on; n is the largest number that the budget
 * buys at the high end of all prices. PASHA opens upper rungs only when it must, so its plan is an upper bound.
 *
 * @throws {TunewiseError} `SEARCH_SETTING_INVALID` as `openSearch`
 * @source Li et al. 2020 (arXiv 1810.05934), section 3.1: numbers of trials at the rungs
 */
export function planSearch(settings: SearchSettings): SearchPlan {
  checkSettings(settings);
  const { money } = settings;
  const rungs = rungsOf(settings.rungs, settings.promotion ?? "asha");
  const factor = settings.rungs.factor ?? defaultFactor;
  const each = rungs.map((to, at) =>
    settingsPrice(
      { point: settings.defaults, from: settings.rungs.restart ? 0 : (rungs[at - 1] ?? 0), to },
      money,
    ),
  );
  const searchUsd = trialsUsd(money);
  const most = settings.maxTrials ?? maxPlannedTrials;
  const ticked = (end: "low" | "expected" | "high") => each.map((price) => price[end] + money.tickUsd);
  const trials = largest(most, (count) => totalOf(count, ticked("high"), factor) <= searchUsd);
  const expectedTrials = largest(most, (count) => totalOf(count, ticked("expected"), factor) <= searchUsd);
  const full = settingsPrice({ point: settings.defaults, from: 0, to: rungs.at(-1) as number }, money);
  const toTop = Math.ceil(factor ** (rungs.length - 1) - 1e-9);
  return {
    budgetUsd: money.budgetUsd,
    finalRunUsd: money.finalRunUsd,
    searchUsd,
    trials,
    expectedTrials,
    fullTrials: Math.min(most, Math.floor(searchUsd / (full.high + money.tickUsd))),
    rungs: rungs.map((units, at) => plannedRung(units, shareOf(trials, factor, at), each[at] as Range<Usd>)),
    reachesTop: trials >= toTop,
    neededUsd: (totalOf(toTop, ticked("high"), factor) + money.budgetUsd - searchUsd) as Usd,
  };
}

function plannedRung(units: number, trials: number, eachUsd: Range<Usd>): PlannedRung {
  const total = (amount: Usd) => (amount * trials) as Usd;
  const { low, expected, high } = eachUsd;
  return {
    units,
    trials,
    eachUsd,
    totalUsd: { low: total(low), expected: total(expected), high: total(high) },
  };
}

/** Number of trials out of `count` that reach a rung. @source Li et al. 2020, section 3.1 */
function shareOf(count: number, factor: number, rung: number): number {
  return Math.floor(count / factor ** rung + 1e-9);
}

function totalOf(count: number, each: readonly number[], factor: number): number {
  return each.reduce((sum, price, at) => sum + price * shareOf(count, factor, at), 0);
}

/** Binary search for the largest count from 0 to `most` for which `fits` holds; it must hold for all smaller ones. */
function largest(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
