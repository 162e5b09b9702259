/**
 * @file Prepares a search: plans the recipe, derives the search space and costs, and finds an unfinished search of the
 * same recipe.
 */

import { createHash } from "node:crypto";
import { relative, resolve } from "node:path";
import { dollars, range, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { stepAt } from "../../executors/index.ts";
import { planRun } from "../../plan/index.ts";
import { type Finding, problem } from "../../problem/index.ts";
import { effectiveConfiguration } from "../../recipe/index.ts";
import { moneyText, type RangeOutcome, type SearchRate, secondsAt } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { planSearch, type SearchPlan, type SearchSettings, type SearchSpace } from "../../search/index.ts";
import { type PlannedRecipe, requireUnblocked, siteShares, type WorkerSite } from "../plan/index.ts";
import { measureStartup, planShare } from "./machine-share.ts";
import { costFactorAt, type TrialSource } from "./prepare-trial.ts";
import { maxRangeTestUsd, narrowByOutcome, readRangeOutcome } from "./range-outcome.ts";
import { type FoundSearch, findSearch, type StoredSearch } from "./search-folder.ts";
import { estimateCosts, rateOf, type SearchCosts, searchBudget } from "./search-money.ts";
import { type RequestedSite, requireSiteCapacity, settleSite, storedSite } from "./search-site.ts";
import { assumedTime, type SiteTime, siteTime } from "./site-time.ts";
import { type DerivedValues, type RecipeSpace, searchSpaceOf } from "./space.ts";
import { requireValidSpace } from "./variant.ts";

/** A search that is ready to run. */
export interface PreparedSearch {
  /** Planned for a trial's share of the machine. */
  readonly source: TrialSource;
  /** Planned for the whole machine, on which the final runs train. */
  readonly whole: TrialSource;
  /** Number of parallel trials. */
  readonly parallel: number;
  /** The share of the machine with the worker for each parallel trial; `null` for the engine. */
  readonly shares: readonly (WorkerSite | null)[];
  readonly time: SiteTime;
  readonly open: DerivedValues;
  readonly rate: SearchRate;
  /** Costs and the total budget, as recorded when the search began. */
  readonly money: SearchCosts;
  readonly settings: SearchSettings;
  readonly plan: SearchPlan;
  /** The recipe's space before the range test. */
  readonly given: RecipeSpace;
  /** Maximum cost of the range test; 0 if there is none. */
  readonly rangeUsd: Usd;
  /** Outcome of the range test; `null` if it has not run or there is none. */
  readonly range: RangeOutcome | null;
  readonly output: string;
  /** Findings about the recipe and the search. */
  readonly findings: readonly Finding[];
  /** The earlier search of the same recipe; `null` for a new one. */
  readonly found: FoundSearch | null;
  /** The values that a new search records. */
  readonly about: Omit<StoredSearch, "format_version" | "created">;
}

/**
 * Resolves the space, method and cost of a search. Writes and trains nothing.
 *
 * @param found the unfinished search of the same recipe; `null` to begin a new one
 * @throws {TunewiseError} `RUN_BLOCKED`, `SEARCH_WITHOUT_VALIDATION`, `SEARCH_WITHOUT_BUDGET`,
 *   `SEARCH_VALUE_REFUSED`, `SEARCH_BUDGET_TOO_SMALL`, `SEARCH_PARALLEL_TOO_MANY`, `SEARCH_SETTING_INVALID`,
 *   `SEARCH_SITE_CHANGED`
 */
export async function prepareSearch(
  given: PlannedRecipe,
  found: FoundSearch | null,
  asked: RequestedSite,
  runtime: Runtime,
): Promise<PreparedSearch> {
  const { prepared } = given;
  const { recipe, loaded } = prepared;
  const path = relative(runtime.cwd, loaded.path) || loaded.path;
  const unfinished = found && { id: found.folder.id, site: found.stored.site ?? null };
  const site = await settleSite(unfinished, asked, path);
  requireUnblocked(given, site === null ? "this-machine" : "torch");
  if (prepared.encoded.validation.rows.length === 0) throw problem("SEARCH_WITHOUT_VALIDATION", { path });
  const budgetUsd = searchBudget(recipe, path);
  const { parallel } = recipe.search;
  const shares = sharesOf(site, parallel, given, runtime);
  const share = await planShare(given, shares, runtime);
  const planned = found === null ? share : atMeasuredSpeed(share, found.stored.flops_per_second);
  const open = found?.stored.left_open ?? {
    steps: planned.plan.schedule.steps,
    trainRows: prepared.examples.train.length,
  };
  const space = searchSpaceOf(recipe, open);
  requireValidSpace(loaded, space);
  const source = { planned, space, runtime, site: shares[0] ?? null, stallSeconds: asked.stallSeconds };
  const whole = { ...source, planned: share === given ? planned : given, site };
  const time = await siteTime(site, given, runtime);
  const money = found?.stored.money ?? (await newCosts(source, whole, time, budgetUsd));
  const rate = rateOf(recipe);
  const rangeUsd = maxRangeTestUsd(time.timed(whole.planned.plan), recipe.search.rangeTest, rate);
  const basis = { source, given: space, rate, money, rangeUsd };
  const range = found === null ? null : await readRangeOutcome(found.folder);
  const settled = withRangeOutcome(basis, range);
  const plan = requireTrialBudget(settled.settings, money.budgetUsd, rate, path);
  const about = {
    fingerprint: fingerprintOf(given),
    recipe_path: loaded.path,
    left_open: open,
    money,
    ...(site && { site: storedSite(site) }),
    flops_per_second: planned.input.machine.flopsPerSecond,
  };
  const said = planned.findings.filter(({ severity }) => severity !== "error"); // the errors apply to the engine
  const findings = [...said, ...assumedTime(time, site), ...firstShareFinding(source)];
  const output = outputOf(given);
  return {
    ...basis,
    ...settled,
    whole,
    parallel,
    shares,
    time,
    open,
    plan,
    output,
    findings,
    found,
    about,
  };
}

/** Finds the unfinished search of a recipe; `null` if there is none. */
export function findEarlierSearch(given: PlannedRecipe): Promise<FoundSearch | null> {
  return findSearch(outputOf(given), fingerprintOf(given));
}

function outputOf({ prepared: { loaded, recipe } }: PlannedRecipe): string {
  return resolve(loaded.folder, recipe.output);
}

/** Assigns a share of the site to each parallel trial. @throws {TunewiseError} `SEARCH_PARALLEL_TOO_MANY` */
function sharesOf(
  site: WorkerSite | null,
  parallel: number,
  { input }: PlannedRecipe,
  { environment }: Runtime,
): readonly (WorkerSite | null)[] {
  if (site === null) return Array.from({ length: parallel }, () => null);
  requireSiteCapacity(site, parallel, input.machine.threads);
  return siteShares(site, parallel, environment["CUDA_VISIBLE_DEVICES"]);
}

/** Space, costs and settings of the trials, before (`null`) or after the range test. */
export function withRangeOutcome(
  { source, given, money, rangeUsd }: Pick<PreparedSearch, "source" | "given" | "money" | "rangeUsd">,
  range: RangeOutcome | null,
): Pick<PreparedSearch, "source" | "settings" | "range"> {
  const narrowed = { ...source, space: narrowByOutcome(given, range) };
  const budgetUsd = (money.budgetUsd - (range?.microUsd ?? rangeUsd)) as Usd;
  return { source: narrowed, settings: settingsOf(narrowed, { ...money, budgetUsd }), range };
}

/**
 * Fraction of a training at which trials are first compared. It is at least the recipe's value, and at least twice the
 * warm-up of every point. Earlier, all learning rates are close to 0 and a ranking would be noise.
 */
function firstShare({ planned, space }: TrialSource): number {
  const { training, search } = planned.prepared.recipe;
  // A slice of the rows has its own schedule, so a warm-up given as a fraction of the steps is over by then.
  if (search.fidelity === "rows" && training.warmup < 1) return Math.min(1, search.shortest);
  const ends = (path: string, own: number): number[] => [own, ...endsOf(space.space[path])];
  const steps = Math.min(...ends("training.steps", planned.plan.schedule.steps));
  const warmups = ends("training.warmup", training.warmup).map((warmup) => warmupSteps(warmup, steps));
  const [asked, first] = [Math.min(1, search.shortest), 2 * Math.max(...warmups)];
  return stepAt(asked, steps) >= first ? asked : Math.min(1, first / steps);
}

/** Converts a warm-up to steps. Values below 1 are fractions of all steps. */
function warmupSteps(warmup: number, steps: number): number {
  return warmup < 1 ? Math.ceil(warmup * steps) : warmup;
}

/** The numeric bounds or values of a hyperparameter; none if it is not searched or not numeric. */
function endsOf(hyperparameter: SearchSpace[string] | undefined): number[] {
  if (hyperparameter === undefined) return [];
  const values =
    hyperparameter.kind === "choice" ? hyperparameter.values : [hyperparameter.low, hyperparameter.high];
  return values.filter((value): value is number => typeof value === "number");
}

/** Reports that the first comparison was moved past the warm-up. */
function firstShareFinding(source: TrialSource): Finding[] {
  const { recipe } = source.planned.prepared;
  const { steps } = source.planned.plan.schedule;
  const [asked, share] = [Math.min(1, recipe.search.shortest), firstShare(source)];
  if (recipe.search.promotion === "none" || share <= asked) return [];
  const code = "SEARCH_RUNG_IN_WARMUP";
  const { kind, message, fix } = problem(code, {
    step: stepAt(asked, steps),
    moved: stepAt(share, steps),
    steps,
    warmup: warmupSteps(recipe.training.warmup, steps),
  });
  return [{ code, severity: "warning", title: kind.title, detail: `${message}.`, where: [], count: 1, fix }];
}

/**
 * Fingerprint of recipe, rows and model. If one of them changes, the search is a new one, which may still reuse earlier
 * trials.
 */
function fingerprintOf({ prepared }: PlannedRecipe): string {
  const { recipe, dataFingerprint, model } = prepared;
  const basis = [effectiveConfiguration(recipe), dataFingerprint, model.revision];
  return createHash("sha256").update(JSON.stringify(basis)).digest("hex");
}

/** Plans with the speed measured when the search began, because the same records must lead to the same decisions. */
function atMeasuredSpeed(planned: PlannedRecipe, flopsPerSecond: number | null): PlannedRecipe {
  const input = { ...planned.input, machine: { ...planned.input.machine, flopsPerSecond } };
  return { ...planned, input, plan: planRun(input) };
}

/** Costs of a new search. For parallel trials they include the possible idle time at the end of the longest segment. */
async function newCosts(
  source: TrialSource,
  whole: TrialSource,
  { basis, timed, endSeconds }: SiteTime,
  budgetUsd: Usd,
): Promise<SearchCosts> {
  const { recipe } = whole.planned.prepared;
  const { parallel } = recipe.search;
  // the worker's timed plan includes its start, and a single engine trains in this process
  const isOwnProcess = parallel > 1 && basis === "engine";
  const bootSeconds = isOwnProcess
    ? await measureStartup(source.planned.prepared.loaded, source.runtime)
    : noSeconds;
  const trials = { plan: timed(source.planned.plan), bootSeconds, endSeconds };
  const money = estimateCosts(recipe, timed(whole.planned.plan), budgetUsd, trials);
  if (parallel === 1) return money;
  const { rungs } = planSearch(settingsOf(source, { ...money, ...noReserves }));
  const longest = Math.max(...rungs.map(({ eachUsd }) => eachUsd.high)) + money.tickUsd;
  return { ...money, idleUsd: ((parallel - 1) * longest) as Usd };
}

function settingsOf(source: TrialSource, money: SearchCosts): SearchSettings {
  const { search } = source.planned.prepared.recipe;
  const { seed, proposer, promotion, factor, trials, fidelity } = search;
  return {
    seed,
    proposer,
    promotion,
    goal: "minimize",
    space: source.space.space,
    defaults: source.space.defaults,
    rungs: { minimum: firstShare(source), maximum: 1, factor, restart: fidelity === "rows" },
    money: { ...money, costFactor: costFactorAt(source) },
    ...(trials === null ? {} : { maxTrials: trials }),
  };
}

const noSeconds = range(seconds(0), seconds(0), seconds(0));

/** Costs without reserves. */
const noReserves = { finalRunUsd: usd(0), finalTrainingUsd: usd(0), idleUsd: usd(0) };

/**
 * Plans the search, and refuses a budget that is too small for its first trial.
 *
 * @param wholeUsd the budget, including the range test's share
 */
function requireTrialBudget(
  settings: SearchSettings,
  wholeUsd: Usd,
  rate: SearchRate,
  path: string,
): SearchPlan {
  const { budgetUsd, finalRunUsd, idleUsd = 0, tickUsd } = settings.money;
  const rangeUsd = wholeUsd - budgetUsd;
  const kept = finalRunUsd + idleUsd;
  // Reserves may exceed the budget, so the cost of a trial is planned without them.
  const alone = planSearch({ ...settings, money: { ...settings.money, ...noReserves } });
  const first = (alone.rungs[0]?.eachUsd.high ?? 0) + tickUsd;
  if (first + kept <= budgetUsd) return planSearch(settings);
  const needed = (2 * first + kept + rangeUsd) as Usd;
  const flag = rate.isMoney
    ? `--budget ${Number((1.01 * dollars(needed)).toPrecision(2))}usd`
    : `--budget ${Math.ceil(secondsAt(needed, rate) / 60)}min`;
  const text = (money: number): string => moneyText(money as Usd, rate);
  throw problem("SEARCH_BUDGET_TOO_SMALL", {
    budget: text(wholeUsd),
    kept: text(kept + rangeUsd),
    first: text(first),
    what: [
      ...(rangeUsd > 0 ? ["the range test"] : []),
      "the final runs",
      ...(idleUsd > 0 ? ["possible idle time"] : []),
    ].join(" and "),
    command: `tunewise search ${path} ${flag}`,
  });
}
