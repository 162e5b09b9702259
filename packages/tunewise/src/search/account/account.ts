/** @file Summary of a search: how it spent its budget, its results, and the savings from stopping early. */
import type { Usd } from "@tunewise/core/quantity";
import { measure, priceRange } from "../money/prices.ts";
import { checkRanking, type RankingCheck, rungPairs } from "../probe/small-to-large.ts";
import { warmUp } from "../propose/propose.ts";
import type { Search } from "../search.ts";
import type { SearchSettings } from "../settings.ts";
import { axesOf } from "../space/axis.ts";
import type { SearchPoint } from "../space/hyperparameter.ts";
import { bestSoFar, isContender } from "../state/best.ts";
import { observationsOf } from "../state/observe.ts";
import type { TrialState } from "../state/state.ts";
import { adviseSearch, type SearchAdvice } from "./advise.ts";
import { type HyperparameterImportance, hyperparameterImportance } from "./importance.ts";

/** One rung of the summary. */
export interface RungAccount {
  readonly units: number;
  /** Segments of this rung that were paid for, and how many of them failed. */
  readonly segments: number;
  readonly failed: number;
  readonly usd: Usd;
}

/** The best trial. */
export interface BestTrial {
  readonly trial: number;
  readonly point: SearchPoint;
  /** The earlier run that it stands for, or `null`. */
  readonly run: string | null;
  /** Amount of training at which it was compared, and its result there. */
  readonly units: number;
  readonly value: number;
  /** Number of trials with a result at that amount, including itself and failures. */
  readonly compared: number;
  /** Number of these with the same result, including itself. */
  readonly tied: number;
  /** Paused trials that were better after equal training but not trained as far; a larger budget completes them. */
  readonly contenders: readonly Contender[];
}

/** A paused trial that was better than the best one after the same amount of training. */
export interface Contender {
  readonly trial: number;
  /** Amount of training at which it is paused, and its result there. */
  readonly units: number;
  readonly value: number;
}

/** Summary of spending and results. */
export interface SearchAccount {
  readonly budgetUsd: Usd;
  /** Spent on trials. */
  readonly spentUsd: Usd;
  /** Reserved for production: the final runs. */
  readonly finalRunUsd: Usd;
  readonly rungs: readonly RungAccount[];
  /** The search's own trials, and earlier runs that took part for free. */
  readonly trials: number;
  readonly knownRuns: number;
  /** Cost of all its trials if trained in full, at measured prices. */
  readonly inFullUsd: Usd;
  /** Saved by stopping early: full cost minus spent. */
  readonly savedUsd: Usd;
  /** The best trial at the highest rung that at least two trials reached. */
  readonly best: BestTrial | null;
  readonly importance: readonly HyperparameterImportance[];
  /** Whether each rung ranked trials as the next one did, for rungs that at least two trials share. */
  readonly rankings: readonly RungRanking[];
  readonly advice: SearchAdvice;
}

/**
 * Summarizes a search, finished or not.
 */
export function accountFor(settings: SearchSettings, search: Search): SearchAccount {
  const { state, rungs } = search;
  const { money } = settings;
  const trials = [...state.trials.values()];
  const own = trials.filter(({ origin }) => origin !== "known");
  const axes = axesOf(settings.space);
  const measured = measure(state.paid, money);
  const full = rungs.at(-1) as number;
  const inFull = own.reduce(
    (sum, { point }) => sum + priceRange({ point, from: 0, to: full }, money, measured).expected,
    0,
  );
  const { done } = observationsOf(trials, rungs.length, warmUp(axes));
  const usdPerTrial = Math.round(state.spentMicroUsd / Math.max(1, own.length)) as Usd;
  return {
    budgetUsd: money.budgetUsd,
    finalRunUsd: money.finalRunUsd,
    spentUsd: state.spentMicroUsd as Usd,
    rungs: rungs.map((units) => rungAccount(search, units)),
    trials: own.length,
    knownRuns: trials.length - own.length,
    inFullUsd: inFull as Usd,
    savedUsd: (inFull - state.spentMicroUsd) as Usd,
    best: bestTrial(trials, rungs, settings.goal === "minimize" ? 1 : -1),
    importance: hyperparameterImportance(axes, done, settings.seed),
    rankings: rungRankings(trials, rungs, settings.seed),
    advice: adviseSearch(axes, done, usdPerTrial, settings.noise, settings.seed),
  };
}

/**
 * Regret of a point relative to the best of a full grid with known results.
 *
 * @param grid results of full runs
 * @returns 0 for the best point; `null` if the point is not on the grid
 * @example
 * import { regretAgainst } from "tunewise/search";
 *
 * const grid = [1, 2, 3].map((rank) => ({ point: { rank }, value: (rank - 2) ** 2 }));
 * console.log(regretAgainst({ rank: 3 }, grid, "minimize")); // 1
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
    units,
    segments: there.length,
    failed: there.filter(({ status }) => status === "failed").length,
    usd: there.reduce((sum, { microUsd }) => sum + microUsd, 0) as Usd,
  };
}

function bestTrial(trials: readonly TrialState[], rungs: readonly number[], sign: 1 | -1): BestTrial | null {
  const best = bestSoFar(trials, rungs.length);
  if (best === null) return null;
  const { id, point, run } = best.trial;
  const { rung, loss, compared, tied } = best;
  const contenders = trials.flatMap((trial): Contender[] => {
    const at = Math.max(-1, ...trial.losses.keys());
    if (!isContender(trial, at, best)) return [];
    return [{ trial: trial.id, units: rungs[at] as number, value: sign * (trial.losses.get(at) as number) }];
  });
  return {
    trial: id,
    point,
    run,
    units: rungs[rung] as number,
    value: sign * loss,
    compared,
    tied,
    contenders: contenders.sort((a, b) => sign * (a.value - b.value)),
  };
}

/** Agreement of two adjacent rungs over the trials with a result at both. */
export interface RungRanking extends RankingCheck {
  /** Units of training of both rungs. */
  readonly from: number;
  readonly to: number;
  /** Number of trials with both results; failures have no rank. */
  readonly trials: number;
}

/** Minimum number of trials for an order. */
const minTrials = 2;

/**
 * Computes the agreement of each rung with the next. Promoted trials are the best of the lower rung, so they lie
 * closer together and agree less than all of its trials would.
 *
 * @param rungs units of training of each rung
 * @param seed seed of the bootstrap intervals
 */
function rungRankings(
  trials: readonly TrialState[],
  rungs: readonly number[],
  seed: number,
): readonly RungRanking[] {
  return rungs.slice(1).flatMap((to, at) => {
    const pairs = rungPairs(trials, at);
    if (pairs.length < minTrials) return [];
    const from = rungs[at] as number;
    return [{ from, to, trials: pairs.length, ...checkRanking(pairs, "minimize", seed) }];
  });
}
