/**
 * @file What the money buys: how many trials at which rungs.
 */
import type { Range, Usd } from "../../quantity/index.ts";
import { checkSettings } from "../check-settings.ts";
import { defaultFactor, rungsOf } from "../promote/rungs.ts";
import { type SearchSettings, trialsUsd } from "../settings.ts";
import { pricedBefore } from "./prices.ts";

/** One rung of a plan. */
export interface PlannedRung {
  /** Units of training at its end. */
  readonly units: number;
  /** Trials that are trained to it. */
  readonly trials: number;
  /** What one trial costs from the rung below to this one, with the recipe's settings. */
  readonly eachUsd: Range<Usd>;
  /** All its trials together. */
  readonly totalUsd: Range<Usd>;
}

/** What a search would do with its money. */
export interface SearchPlan {
  readonly budgetUsd: Usd;
  readonly finalRunUsd: Usd;
  /** What is left for trials. */
  readonly searchUsd: Usd;
  /** Lowest rung first; trials as many as the money buys at the high end of every price. */
  readonly rungs: readonly PlannedRung[];
  readonly trials: number;
  /** Trials that it buys if everything costs what is expected. */
  readonly expectedTrials: number;
  /** Full runs that the same money buys at the high end. */
  readonly fullTrials: number;
  /** Whether a share of the trials reaches the top rung. */
  readonly reachesTop: boolean;
  /** The least budget with which it does, what is kept back included. */
  readonly neededUsd: Usd;
}

/** More trials than this are not planned, whatever the money says. */
export const maxPlannedTrials = 100_000;

/**
 * The plan of a search: trials at every rung, and what they cost.
 *
 * Of n trials at the lowest rung n / eta go on to the next, and so on; n is the largest number that the money buys at
 * the high end of all prices. PASHA opens the upper rungs only when it must, so that its plan is the most it does.
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
    pricedBefore(
      { point: settings.defaults, from: settings.rungs.restart ? 0 : (rungs[at - 1] ?? 0), to },
      money,
    ),
  );
  const searchUsd = trialsUsd(money);
  const most = settings.maxTrials ?? maxPlannedTrials;
  const ticked = (end: "low" | "expected" | "high") => each.map((price) => price[end] + money.tickUsd);
  const trials = largest(most, (count) => totalOf(count, ticked("high"), factor) <= searchUsd);
  const expectedTrials = largest(most, (count) => totalOf(count, ticked("expected"), factor) <= searchUsd);
  const full = pricedBefore({ point: settings.defaults, from: 0, to: rungs.at(-1) as number }, money);
  const toTop = Math.ceil(factor ** (rungs.length - 1) - 1e-9);
  return {
    ...{ budgetUsd: money.budgetUsd, finalRunUsd: money.finalRunUsd, searchUsd, trials, expectedTrials },
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
    ...{ units, trials, eachUsd },
    totalUsd: { low: total(low), expected: total(expected), high: total(high) },
  };
}

/** Trials of `count` that come as far as a rung. @source Li et al. 2020, section 3.1 */
function shareOf(count: number, factor: number, rung: number): number {
  return Math.floor(count / factor ** rung + 1e-9);
}

function totalOf(count: number, each: readonly number[], factor: number): number {
  return each.reduce((sum, price, at) => sum + price * shareOf(count, factor, at), 0);
}

/** The largest count from 0 to `most` for which `fits` holds, which it does for all below. */
function largest(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
