/** @file `tunewise/search`: chooses the settings to try next within a budget, for any trainer. */
import { seconds as makeSeconds, usd as makeUsd } from "@tunewise/core/quantity";
import {
  type Answer,
  accountFor as account,
  type BestTrial,
  checkRanking as check,
  openSearch as open,
  planSearch as plan,
  type Report,
  type SearchAccount as SearchAccountHere,
  type Search as SearchHere,
  type SearchPlan as SearchPlanHere,
  type SearchSettings as SettingsHere,
  type TrialState,
} from "../search/index.ts";
import { type InDollars, toDollars, toMicroDollars } from "./dollars.ts";

export { type Range as ValueRange, range } from "@tunewise/core/quantity";
export { TunewiseError } from "../problem/index.ts";
export {
  type Hyperparameter,
  type HyperparameterValue,
  narrowSpace,
  type RangeStep,
  type RangeTest,
  readRangeTest,
  regretAgainst,
  type SearchPoint,
  type SearchSpace,
} from "../search/index.ts";
export type { BestTrial };

/**
 * Checks an amount in dollars.
 *
 * @throws {RangeError} if it is not finite
 * @example
 * import { usd } from "tunewise/search";
 *
 * console.log(usd(1.5)); // 1.5
 */
export function usd(dollars: number): number {
  return makeUsd(dollars) / 1e6;
}

/**
 * Checks a duration in seconds.
 *
 * @throws {RangeError} if it is not finite
 * @example
 * import { seconds } from "tunewise/search";
 *
 * console.log(seconds(90) / 60); // 1.5
 */
export function seconds(count: number): number {
  return makeSeconds(count);
}

/**
 * Everything a search depends on besides its records: the same settings and records yield the same decisions. Money is
 * in dollars.
 *
 * @example
 * import { openSearch, range, type SearchSettings } from "tunewise/search";
 *
 * const settings: SearchSettings = {
 *   seed: 1,
 *   space: { learning_rate: { kind: "log-uniform", low: 1e-5, high: 1e-3 } },
 *   defaults: { learning_rate: 2e-4 },
 *   goal: "minimize",
 *   rungs: { minimum: 50, maximum: 1350 }, // steps: 50, 150, 450, 1350
 *   money: {
 *     budgetUsd: 10,
 *     finalRunUsd: 3,
 *     tickUsd: 0.01,
 *     usdPerHour: range(2, 2.2, 2.5),
 *     secondsPerUnit: range(0.4, 0.5, 0.7),
 *     startSeconds: range(5, 10, 20),
 *   },
 * };
 * const longer: SearchSettings = { ...settings, rungs: { minimum: 100, maximum: 1600, factor: 4 } };
 * console.log(openSearch(longer, []).rungs); // [ 100, 400, 1600 ]
 */
export interface SearchSettings extends InDollars<SettingsHere> {}

/** What to do next: train a segment of a trial, wait for running segments, or end. `trial.maxUsd` is a segment's cap. */
export type SearchAnswer = InDollars<Answer>;

/** Result of a segment. `usd` is its metered cost in dollars, including interruptions. */
export interface SearchReport extends InDollars<Report> {}

/** The plan of a search, in dollars. */
export interface SearchPlan extends InDollars<SearchPlanHere> {}

/** The account of a search, in dollars. */
export interface SearchAccount extends InDollars<SearchAccountHere> {}

/** A trial: its settings, its results by rung (lower is better), and what can be resumed. */
export type SearchTrialState = Pick<TrialState, "id" | "point" | "origin" | "run" | "curve" | "savedAt"> & {
  readonly losses: ReadonlyMap<number, number>;
};

/** The records of a search as trials, and what they cost. */
export interface SearchProgress {
  /** By id, which counts from 1. */
  readonly trials: ReadonlyMap<number, SearchTrialState>;
  readonly spentUsd: number;
}

/**
 * An open search, with an ask-and-tell interface.
 *
 * @example
 * import { openSearch, range, type Search } from "tunewise/search";
 *
 * const search: Search = openSearch(
 *   {
 *     seed: 1,
 *     space: { rank: { kind: "log-integer", low: 2, high: 64 } },
 *     defaults: { rank: 8 },
 *     goal: "minimize",
 *     rungs: { minimum: 50, maximum: 1350 }, // steps: 50, 150, 450, 1350
 *     money: {
 *       budgetUsd: 10,
 *       finalRunUsd: 3,
 *       tickUsd: 0.01,
 *       usdPerHour: range(2, 2.2, 2.5),
 *       secondsPerUnit: range(0.4, 0.5, 0.7),
 *       startSeconds: range(5, 10, 20),
 *     },
 *   },
 *   [],
 * );
 * console.log(search.rungs, search.ask().act); // [ 50, 150, 450, 1350 ] try
 */
export interface Search {
  /** Returns the next segment; with several workers, call it once per free worker. */
  ask(): SearchAnswer;
  /**
   * Records the result of a segment.
   *
   * @throws {TunewiseError} `SEARCH_TRIAL_UNKNOWN` if the trial is not running; `SEARCH_REPORT_INVALID` for a
   *   report that contradicts the segment
   */
  tell(trial: number, report: SearchReport): void;
  /**
   * The complete state of the search as plain JSON, whose money is in micro-dollars. The caller writes new records, in
   * order, before it acts on an answer.
   */
  readonly records: readonly object[];
  /** The records folded into a state by trial. */
  readonly state: SearchProgress;
  /** Units of training of each rung. */
  readonly rungs: readonly number[];
}

/** The searches behind open ones. */
const searches = new WeakMap<Search, SearchHere>();

/**
 * Opens a search, new or from its records.
 *
 * Runs from before the search are passed as `known-run` records ahead of all others: they take part as trials that
 * cost nothing. The same settings and records yield the same answers.
 *
 * @param records plain JSON, as an earlier search with the same settings wrote them; each is validated
 * @throws {TunewiseError} `SEARCH_SETTING_INVALID`, `SEARCH_POINT_INVALID`, `SEARCH_RECORD_INVALID`; its `tell`
 *   `SEARCH_TRIAL_UNKNOWN`
 * @example
 * import { openSearch, range, type SearchSettings } from "tunewise/search";
 *
 * const settings: SearchSettings = {
 *   seed: 1,
 *   space: { learning_rate: { kind: "log-uniform", low: 1e-5, high: 1e-3 } },
 *   defaults: { learning_rate: 2e-4 },
 *   goal: "minimize",
 *   rungs: { minimum: 50, maximum: 1350 }, // steps: 50, 150, 450, 1350
 *   money: {
 *     budgetUsd: 10,
 *     finalRunUsd: 3,
 *     tickUsd: 0.01,
 *     usdPerHour: range(2, 2.2, 2.5),
 *     secondsPerUnit: range(0.4, 0.5, 0.7),
 *     startSeconds: range(5, 10, 20),
 *   },
 * };
 * const search = openSearch(settings, []);
 * for (let next = search.ask(); next.act === "try"; next = search.ask()) {
 *   const { id, point, to } = next.trial;
 *   const loss = Math.abs(Math.log10(Number(point["learning_rate"])) + 4); // train here
 *   search.tell(id, { status: "reached", at: to, value: loss, usd: 0.2 });
 * }
 * console.log(search.state.trials.get(1)?.point); // { learning_rate: 0.0002 }
 */
export function openSearch(settings: SearchSettings, records: readonly unknown[]): Search {
  const inner = open(settingsOf(settings), records);
  const search: Search = {
    ask: () => toDollars(inner.ask(), "Answer"),
    tell: (trial, report) => inner.tell(trial, toMicroDollars<Report>(report, "Report")),
    records: inner.records,
    state: {
      trials: inner.state.trials,
      get spentUsd(): number {
        return inner.state.spentMicroUsd / 1e6;
      },
    },
    rungs: inner.rungs,
  };
  searches.set(search, inner);
  return search;
}

function settingsOf(settings: SearchSettings): SettingsHere {
  return toMicroDollars<SettingsHere>(settings, "SearchSettings");
}

/**
 * Plans the trials of each rung and their cost.
 *
 * @throws {TunewiseError} `SEARCH_SETTING_INVALID` as `openSearch`
 * @example
 * import { planSearch, range } from "tunewise/search";
 *
 * const { trials, reachesTop, searchUsd } = planSearch({
 *   seed: 1,
 *   space: { learning_rate: { kind: "log-uniform", low: 1e-5, high: 1e-3 } },
 *   defaults: { learning_rate: 2e-4 },
 *   goal: "minimize",
 *   rungs: { minimum: 50, maximum: 1350 }, // steps: 50, 150, 450, 1350
 *   money: {
 *     budgetUsd: 10,
 *     finalRunUsd: 3,
 *     tickUsd: 0.01,
 *     usdPerHour: range(2, 2.2, 2.5),
 *     secondsPerUnit: range(0.4, 0.5, 0.7),
 *     startSeconds: range(5, 10, 20),
 *   },
 * });
 * console.log(trials > 0, reachesTop, searchUsd); // true true 7
 */
export function planSearch(settings: SearchSettings): SearchPlan {
  return toDollars(plan(settingsOf(settings)), "SearchPlan");
}

/**
 * Summarizes a search, finished or not.
 *
 * @param search from `openSearch` with the same settings
 * @example
 * import { accountFor, openSearch, range, type SearchSettings } from "tunewise/search";
 *
 * const settings: SearchSettings = {
 *   seed: 1,
 *   space: { learning_rate: { kind: "log-uniform", low: 1e-5, high: 1e-3 } },
 *   defaults: { learning_rate: 2e-4 },
 *   goal: "minimize",
 *   rungs: { minimum: 50, maximum: 1350 }, // steps: 50, 150, 450, 1350
 *   money: {
 *     budgetUsd: 10,
 *     finalRunUsd: 3,
 *     tickUsd: 0.01,
 *     usdPerHour: range(2, 2.2, 2.5),
 *     secondsPerUnit: range(0.4, 0.5, 0.7),
 *     startSeconds: range(5, 10, 20),
 *   },
 * };
 * const account = accountFor(settings, openSearch(settings, []));
 * console.log(account.trials, account.spentUsd, account.budgetUsd, account.best); // 0 0 10 null
 */
export function accountFor(settings: SearchSettings, search: Search): SearchAccount {
  const inner = searches.get(search) ?? open(settingsOf(settings), search.records);
  return toDollars(account(settingsOf(settings), inner), "SearchAccount");
}

/** Options of `checkRanking`. */
export interface RankingOptions {
  /** Default: `minimize`. */
  readonly goal?: "minimize" | "maximize";
  /** Seed of the resampling; default 1. */
  readonly seed?: number;
  /** Required agreement as Kendall's tau; default 0.5, which means that 3 in 4 pairs are in the same order. */
  readonly required?: number;
}

/** Whether short training ranks settings as long training does. */
export interface RankingCheck extends InDollars<ReturnType<typeof check>> {}

/**
 * Checks whether results of short training (`slice`) rank settings as those of complete training (`whole`) do.
 *
 * @returns `cannot-tell` for few pairs, or if the interval of tau contains the required agreement
 * @example
 * import { checkRanking } from "tunewise/search";
 *
 * const pairs = Array.from({ length: 8 }, (_, point) => ({ slice: point, whole: 2 * point }));
 * console.log(checkRanking(pairs).verdict); // holds
 */
export function checkRanking(
  pairs: readonly { readonly slice: number; readonly whole: number }[],
  { goal = "minimize", seed = 1, required }: RankingOptions = {},
): RankingCheck {
  return check(pairs, goal, seed, required);
}
