/**
 * @file The account of a search: where its money went, what it found, what stopping early saved.
 */
import type { Usd } from "../../quantity/index.ts";
import { measure, priced } from "../money/prices.ts";
import { warmUp } from "../propose/propose.ts";
import type { Search } from "../search.ts";
import type { SearchSettings } from "../settings.ts";
import { axesOf } from "../space/axis.ts";
import type { SearchPoint } from "../space/hyperparameter.ts";
import { bestSoFar } from "../state/best.ts";
import { observationsOf } from "../state/observe.ts";
import type { TrialState } from "../state/state.ts";
import { adviseSearch, type SearchAdvice } from "./advise.ts";
import { type HyperparameterImportance, hyperparameterImportance } from "./importance.ts";
import { type RungRanking, rungRankings } from "./rankings.ts";

/** One rung of an account. */
export interface RungAccount {
  readonly units: number;
  /** Stretches to this rung that were paid for, and how many of them failed. */
  readonly stretches: number;
  readonly failed: number;
  readonly usd: Usd;
}

/** The best trial. */
export interface BestTrial {
  readonly trial: number;
  readonly point: SearchPoint;
  /** The run of before the search that it stands for, or `null`. */
  readonly run: string | null;
  /** The amount of training at which it was compared, and its result there. */
  readonly units: number;
  readonly value: number;
  /** Trials with a result at that amount, itself and failures included. */
  readonly compared: number;
}

/** What a search did with its money. */
export interface SearchAccount {
  readonly budgetUsd: Usd;
  /** On experiments. */
  readonly spentUsd: Usd;
  /** Kept for production: the final run. */
  readonly finalRunUsd: Usd;
  readonly rungs: readonly RungAccount[];
  /** Trials of the search's own, and runs of before it that took part for nothing. */
  readonly trials: number;
  readonly knownRuns: number;
  /** What all its trials would have cost in full, at measured prices. */
  readonly inFullUsd: Usd;
  /** What stopping early saved: in full less spent. */
  readonly savedUsd: Usd;
  /** Of the trials at the highest rung that two have reached, the one with the best result. */
  readonly best: BestTrial | null;
  readonly importance: readonly HyperparameterImportance[];
  /** Whether each rung ranked trials as the next one did, where two trials or more have both results. */
  readonly rankings: readonly RungRanking[];
  readonly advice: SearchAdvice;
}

/** Draws up the account of a search, finished or not. @param settings those that the search was opened with */
export function accountFor(settings: SearchSettings, search: Search): SearchAccount {
  const { state, rungs } = search;
  const { money } = settings;
  const trials = [...state.trials.values()];
  const own = trials.filter(({ origin }) => origin !== "known");
  const axes = axesOf(settings.space);
  const measured = measure(state.paid, money);
  const full = rungs.at(-1) as number;
  const inFull = own.reduce(
    (sum, { point }) => sum + priced({ point, from: 0, to: full }, money, measured).expected,
    0,
  );
  const { done } = observationsOf(trials, rungs.length, warmUp(axes));
  const usdPerTrial = Math.round(state.spentMicroUsd / Math.max(1, own.length)) as Usd;
  return {
    ...{ budgetUsd: money.budgetUsd, finalRunUsd: money.finalRunUsd, spentUsd: state.spentMicroUsd as Usd },
    rungs: rungs.map((units) => rungAccount(search, units)),
    ...{ trials: own.length, knownRuns: trials.length - own.length },
    ...{ inFullUsd: inFull as Usd, savedUsd: (inFull - state.spentMicroUsd) as Usd },
    best: bestTrial(trials, rungs, settings.goal === "minimize" ? 1 : -1),
    importance: hyperparameterImportance(axes, done, settings.seed),
    rankings: rungRankings(trials, rungs, settings.seed),
    advice: adviseSearch(axes, done, usdPerTrial, settings.noise, settings.seed),
  };
}

/**
 * How far a point is from the best of a full grid, where the grid's results are known.
 *
 * @param grid results of full runs
 * @returns 0 for the best point; `null` where the point is not on the grid
 */
export function regretAgainst(
  point: SearchPoint,
  grid: readonly { readonly point: SearchPoint; readonly value: number }[],
  goal: "minimize" | "maximize",
): number | null {
  const sign = goal === "minimize" ? 1 : -1;
  const names = Object.keys(point);
  const own = grid.find((one) => names.every((name) => one.point[name] === point[name]));
  if (own === undefined) return null;
  const best = grid.reduce((least, { value }) => Math.min(least, sign * value), Number.POSITIVE_INFINITY);
  return sign * own.value - best;
}

function rungAccount({ state }: Search, units: number): RungAccount {
  const there = state.paid.filter(({ to }) => to === units);
  return {
    ...{ units, stretches: there.length, failed: there.filter(({ status }) => status === "failed").length },
    usd: there.reduce((sum, { microUsd }) => sum + microUsd, 0) as Usd,
  };
}

function bestTrial(trials: readonly TrialState[], rungs: readonly number[], sign: 1 | -1): BestTrial | null {
  const best = bestSoFar(trials, rungs.length);
  if (best === null) return null;
  const { id, point, run } = best.trial;
  const { rung, loss, compared } = best;
  return { trial: id, point, run, units: rungs[rung] as number, value: sign * loss, compared };
}
