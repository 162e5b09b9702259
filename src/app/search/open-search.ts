/**
 * @file A search made ready: the recipe planned, its space and money known, and the unfinished search of the same
 * recipe found where there is one.
 */

import { createHash } from "node:crypto";
import { relative, resolve } from "node:path";
import { planRun } from "../../plan/index.ts";
import { type Finding, problem } from "../../problem/index.ts";
import { dollars, type Usd, usd } from "../../quantity/index.ts";
import { effectiveConfiguration } from "../../recipe/index.ts";
import { moneyText, type RangeOutcome, type SearchRate, secondsAt } from "../../report/index.ts";
import type { Host } from "../../runtime/index.ts";
import { planSearch, type SearchPlan, type SearchSettings } from "../../search/index.ts";
import { demandUnblocked, type PlannedRecipe } from "../plan/index.ts";
import { measureBoot, planShare } from "./machine-share.ts";
import { costFactorOf, type TrialSource } from "./prepare-trial.ts";
import { narrowedBy, rangePrice, readRangeOutcome } from "./range-outcome.ts";
import { type FoundSearch, findSearch, type StoredSearch } from "./search-folder.ts";
import { moneyOf, type PlainMoney, rateOf, searchBudget } from "./search-money.ts";
import { type LeftOpen, type RecipeSpace, spaceOf } from "./space.ts";
import { stepOf } from "./train-stretch.ts";
import { demandReadable } from "./variant.ts";

/** Everything a search is made with. */
export interface ReadySearch {
  /** Planned for the part of the machine that a trial has. */
  readonly source: TrialSource;
  /** Planned for the whole machine, as final runs have it. */
  readonly whole: TrialSource;
  /** Trials at the same time. */
  readonly parallel: number;
  readonly open: LeftOpen;
  readonly rate: SearchRate;
  /** Prices and the whole budget, as written down when the search began. */
  readonly money: PlainMoney;
  readonly settings: SearchSettings;
  readonly plan: SearchPlan;
  /** The space as the recipe gives it, before any range test. */
  readonly given: RecipeSpace;
  /** What the range test may cost; 0: none is wanted. */
  readonly rangeUsd: Usd;
  /** What it showed; `null`: it is not made yet, or none is wanted. */
  readonly range: RangeOutcome | null;
  readonly output: string;
  /** Of the recipe, and of the search itself. */
  readonly findings: readonly Finding[];
  /** The same search of before; `null`: it is a new one. */
  readonly found: FoundSearch | null;
  /** What a new one writes down. */
  readonly about: Omit<StoredSearch, "format_version" | "created">;
}

/**
 * Settles what is to be searched, how, and for how much. Nothing is written or trained.
 *
 * @param isAnew begin a new search although the same one ended or waits
 * @throws {TunewiseError} `RUN_BLOCKED`, `SEARCH_WITHOUT_VALIDATION`, `SEARCH_WITHOUT_BUDGET`,
 *   `SEARCH_VALUE_REFUSED`, `SEARCH_BUDGET_TOO_SMALL`, `SEARCH_PARALLEL_TOO_MANY`, `SEARCH_SETTING_INVALID`
 */
export async function readySearch(given: PlannedRecipe, host: Host, isAnew: boolean): Promise<ReadySearch> {
  demandUnblocked(given);
  const { prepared } = given;
  const { recipe, loaded } = prepared;
  const path = relative(host.cwd, loaded.path) || loaded.path;
  if (prepared.encoded.validation.rows.length === 0) throw problem("SEARCH_WITHOUT_VALIDATION", { path });
  const budgetUsd = searchBudget(recipe, path);
  const output = resolve(loaded.folder, recipe.output);
  const fingerprint = fingerprintOf(given);
  const found = isAnew ? null : await findSearch(output, fingerprint);
  const share = await planShare(given, host);
  const planned = found === null ? share : atRate(share, found.stored.flops_per_second);
  const open = found?.stored.left_open ?? {
    ...{ steps: planned.plan.schedule.steps, trainRows: prepared.examples.train.length },
  };
  const space = spaceOf(recipe, open);
  demandReadable(loaded, space);
  const source = { planned, space, host };
  const whole = share === given ? source : { ...source, planned: given };
  const money = found?.stored.money ?? (await newMoney(source, whole, budgetUsd));
  const rate = rateOf(recipe);
  const rangeUsd = rangePrice(whole.planned.plan, recipe.search.rangeTest, rate);
  const asked = { source, given: space, rate, money, rangeUsd };
  const range = found === null ? null : await readRangeOutcome(found.folder);
  const settled = settle(asked, range);
  const plan = demandTrials(settled.settings, money.budgetUsd, rate, path);
  const about = {
    ...{ fingerprint, recipe_path: loaded.path, left_open: open, money },
    flops_per_second: planned.input.machine.flopsPerSecond,
  };
  const findings = [...planned.findings, ...warmupFinding(planned)];
  const { parallel } = recipe.search;
  return { ...asked, ...settled, whole, parallel, open, plan, output, findings, found, about };
}

/** Space, money and settings of the trials, before the range test (`null`) or after it. */
export function settle(
  { source, given, money, rangeUsd }: Pick<ReadySearch, "source" | "given" | "money" | "rangeUsd">,
  range: RangeOutcome | null,
): Pick<ReadySearch, "source" | "settings" | "range"> {
  const narrowed = { ...source, space: narrowedBy(given, range) };
  const budgetUsd = (money.budgetUsd - (range?.microUsd ?? rangeUsd)) as Usd;
  return { source: narrowed, settings: settingsOf(narrowed, { ...money, budgetUsd }), range };
}

/** A first comparison inside the warm-up ranks by chance. */
function warmupFinding({ prepared, plan }: PlannedRecipe): Finding[] {
  const { training, search } = prepared.recipe;
  const { steps } = plan.schedule;
  // a slice of the rows has a schedule of its own, warm-up included
  const isWhole = search.promotion === "none" || (search.fidelity === "rows" && training.warmup < 1);
  const step = stepOf(isWhole ? 1 : search.shortest, steps);
  const warmup = training.warmup < 1 ? Math.ceil(training.warmup * steps) : training.warmup;
  if (warmup === 0 || step >= 2 * warmup) return [];
  const share = Math.min(1, Math.ceil((200 * warmup) / steps) / 100);
  const { kind, message, fix } = problem("SEARCH_RUNG_IN_WARMUP", { step, steps, warmup, share });
  const code = "SEARCH_RUNG_IN_WARMUP";
  return [{ code, severity: "warning", title: kind.title, detail: `${message}.`, where: [], count: 1, fix }];
}

/** Any other recipe, rows or model make another search; trials of the earlier one are known to it. */
function fingerprintOf({ prepared }: PlannedRecipe): string {
  const { recipe, dataFingerprint, model } = prepared;
  const basis = [effectiveConfiguration(recipe), dataFingerprint, model.revision];
  return createHash("sha256").update(JSON.stringify(basis)).digest("hex");
}

/** The plan at the rate that was measured when the search began: the same records must give the same decisions. */
function atRate(planned: PlannedRecipe, flopsPerSecond: number | null): PlannedRecipe {
  const input = { ...planned.input, machine: { ...planned.input.machine, flopsPerSecond } };
  return { ...planned, input, plan: planRun(input) };
}

/** Prices of a new search; where trials share the machine, what may stand idle at the end of the longest stretch. */
async function newMoney(source: TrialSource, whole: TrialSource, budgetUsd: Usd): Promise<PlainMoney> {
  const { recipe } = whole.planned.prepared;
  if (source === whole) return moneyOf(recipe, whole.planned.plan, budgetUsd);
  const bootSeconds = await measureBoot(source.planned.prepared.loaded, source.host);
  const money = moneyOf(recipe, whole.planned.plan, budgetUsd, { plan: source.planned.plan, bootSeconds });
  const { rungs } = planSearch(settingsOf(source, { ...money, ...nothingKept }));
  const longest = Math.max(...rungs.map(({ eachUsd }) => eachUsd.high)) + money.tickUsd;
  return { ...money, idleUsd: ((recipe.search.parallel - 1) * longest) as Usd };
}

function settingsOf(source: TrialSource, money: PlainMoney): SearchSettings {
  const { search } = source.planned.prepared.recipe;
  const { seed, proposer, promotion, shortest, factor, trials, fidelity } = search;
  return {
    ...{ seed, proposer, promotion, goal: "minimize" },
    ...{ space: source.space.space, defaults: source.space.defaults },
    rungs: { minimum: Math.min(1, shortest), maximum: 1, factor, restart: fidelity === "rows" },
    money: { ...money, costFactor: costFactorOf(source) },
    ...(trials === null ? {} : { maxTrials: trials }),
  };
}

/** Money of which nothing is kept back. */
const nothingKept = { finalRunUsd: usd(0), finalTrainingUsd: usd(0), idleUsd: usd(0) };

/** @param wholeUsd the budget with the range test's share */
function demandTrials(settings: SearchSettings, wholeUsd: Usd, rate: SearchRate, path: string): SearchPlan {
  const { budgetUsd, finalRunUsd, idleUsd = 0, tickUsd } = settings.money;
  const rangeUsd = wholeUsd - budgetUsd;
  const kept = finalRunUsd + idleUsd;
  // what is kept back may be more than all there is; what a trial takes is asked without it
  const alone = planSearch({ ...settings, money: { ...settings.money, ...nothingKept } });
  const first = (alone.rungs[0]?.eachUsd.high ?? 0) + tickUsd;
  if (first + kept <= budgetUsd) return planSearch(settings);
  const needed = (2 * first + kept + rangeUsd) as Usd;
  const flag = rate.isMoney
    ? `--budget ${Number((1.01 * dollars(needed)).toPrecision(2))}usd`
    : `--budget ${Math.ceil(secondsAt(needed, rate) / 60)}min`;
  const text = (money: number): string => moneyText(money as Usd, rate);
  throw problem("SEARCH_BUDGET_TOO_SMALL", {
    ...{ budget: text(wholeUsd), kept: text(kept + rangeUsd), first: text(first) },
    what: [
      ...(rangeUsd > 0 ? ["the range test"] : []),
      "the final runs",
      ...(idleUsd > 0 ? ["what may stand idle"] : []),
    ].join(" and "),
    command: `tunewise search ${path} ${flag}`,
  });
}
