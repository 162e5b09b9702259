/** @file Ends a search: trains the final runs, compares them on the test rows, and writes the report files. */

import { join } from "node:path";
import { type Usd, usd } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import { runFolderAt, writeWholeFile } from "@tunewise/tracker";
import { compareWays, metricKinds } from "../../evaluate/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import {
  documentHtml,
  documentMarkdown,
  type FinalRun,
  type FinalScore,
  type SearchDocument,
  type SearchFinals,
  type SearchRate,
  type ShownTrial,
  searchReport,
  type TrailPoint,
} from "../../report/index.ts";
import { readJudgedRows } from "../../scoring/index.ts";
import { type Answer, accountFor, type BestTrial, type TrialState } from "../../search/index.ts";
import { beginRun, runApproved, trainAndReport } from "../train/index.ts";
import { type PreparedTrial, prepareTrial } from "./prepare-trial.ts";
import type { SearchContext } from "./search-context.ts";
import { budgetFor } from "./train-segment.ts";
import { variantOf } from "./variant.ts";

/** Trains the best trial to the end, compares it with the recipe's own settings, and writes the report. */
export async function endSearch(
  work: SearchContext,
  end: Extract<Answer, { act: "end" }>,
): Promise<SearchDocument | null> {
  const { source, settings, search, runtime, folder } = work;
  const { recipe } = source.planned.prepared;
  const account = accountFor(settings, search);
  const finals = recipe.search.final && account.best !== null ? await runFinals(work, account.best) : null;
  if (runtime.signal.aborted) return null;
  const paid = await work.runs.paidForAll();
  const document: SearchDocument = {
    format_version: 1,
    search: folder.id,
    name: recipe.name,
    model: recipe.model.source,
    created: work.created,
    ended: runtime.now().toISOString(),
    validation_rows: source.planned.prepared.encoded.validation.rows.length,
    space: source.space.space,
    defaults: source.space.defaults,
    rate: work.rate,
    price_source: recipe.machine.source,
    fidelity: recipe.search.fidelity,
    end: { reason: end.reason, sentence: end.sentence },
    account,
    range_test: work.range,
    finals_micro_usd: (paid - account.spentUsd - (work.range?.microUsd ?? 0)) as Usd,
    idle_micro_usd: work.idle.usd,
    parallel: work.parallel,
    trials: await shownTrials(work),
    trail: trajectoryOf(work),
    finals,
  };
  const report = searchReport(document);
  await writeWholeFile(folder.reportMarkdown, documentMarkdown(report));
  await writeWholeFile(folder.reportHtml, documentHtml(report));
  await writeWholeFile(folder.document, `${JSON.stringify(document)}\n`);
  return document;
}

/** Trains the winner first, because it takes precedence over the comparison run in the budget. */
async function runFinals(work: SearchContext, best: BestTrial): Promise<SearchFinals> {
  const { source, search, output, options, runtime } = work;
  const { recipe, encoded } = source.planned.prepared;
  const own = [...search.state.trials.values()].find(({ point }) => isOwn(point, work));
  const isSame = own?.id === best.trial;
  const reserve = isSame || own === undefined ? 0 : reserveForOwn(work, own);
  options.onProgress({ kind: "final", trial: best.trial, isOwn: isSame });
  const winner = await finalRun(work, best.trial, true, reserve);
  const hasFailed = own !== undefined && [...own.losses.values()].some((loss) => !Number.isFinite(loss));
  const isAlone = own === undefined || isSame || hasFailed || runtime.signal.aborted;
  if (!isAlone) options.onProgress({ kind: "final", trial: own.id, isOwn: true });
  const beside = isAlone ? null : await finalRun(work, own.id, false, 0);
  const scores = beside && (await compareFinals(output, beside.run, winner.run, recipe));
  const verdict = isSame ? "own-best" : (scores?.[0]?.verdict ?? "cannot-tell");
  return { winner, own: beside, testRows: encoded.test.rows.length, scores, verdict };
}

/**
 * Budget reserved for the comparison run with the recipe's own settings: its evaluation, and its training if it is not
 * complete.
 */
function reserveForOwn({ settings, search }: SearchContext, own: TrialState): number {
  const { finalRunUsd, finalTrainingUsd = 0 } = settings.money;
  const isTrained = own.losses.has(search.rungs.length - 1);
  return (finalRunUsd - 2 * finalTrainingUsd) / 2 + (isTrained ? 0 : finalTrainingUsd);
}

function isOwn(point: TrialState["point"], { source }: SearchContext): boolean {
  const { defaults } = source.space;
  return Object.keys(defaults).every((path) => point[path] === defaults[path]);
}

/** Trains a trial's run to the end unless it is complete. @param reserve budget to leave for another final run */
async function finalRun(
  work: SearchContext,
  trial: number,
  isFullEvaluation: boolean,
  reserve: number,
): Promise<FinalRun> {
  const { whole: source, search, runs, store, runtime, rate, settings, options } = work;
  const { point, run: known } = search.state.trials.get(trial) as TrialState;
  const found = runs.fullRunId(trial) ?? known;
  if (found !== null && (await store.findRun(found)).status === "completed")
    return { trial, run: found, status: "completed" };
  const { loaded } = variantOf(source.planned.prepared.loaded, source.space, point);
  if (loaded === null) throw new Error("Internal: a trial with a result has no recipe");
  const ready = await prepareTrial(source, loaded, Object.keys(source.space.space));
  const summary = { kind: "trial", search: work.folder.id, trial };
  // if rungs are slices of the rows, the best trial may not have a run on all rows yet
  const begin = () => beginRun({ ...ready, force: `final run of ${work.folder.id}`, summary }, runtime);
  const place = await runs.ensureRun(trial, known, begin);
  await runs.takeWholeMachine(trial);
  const tick = settings.money.tickUsd * work.parallel; // at the price of the whole machine
  const left = work.money.budgetUsd - (await runs.paidForAll()) - work.idle.usd - tick - reserve;
  const total = await runs.meteredCost(trial);
  const request = { capUsd: usd(Math.max(1, total + left) / 1e6), rate, isFullEvaluation };
  const onEvent = (event: EventBody): void => options.watch(event, null);
  const { stallSeconds } = ready;
  const how = { begun: place, stallSeconds, work: trainAndReport, onEvent };
  const { status } = await runApproved(finalTrial(ready, request), how, runtime);
  return { trial, run: place.runId, status };
}

async function shownTrials({ search, runs, settings }: SearchContext): Promise<ShownTrial[]> {
  const sign = settings.goal === "minimize" ? 1 : -1;
  const shown: ShownTrial[] = [];
  for (const { id, run, origin, point, losses } of search.state.trials.values()) {
    const [rung, loss] = [...losses].filter(([, one]) => Number.isFinite(one)).at(-1) ?? [null, null];
    shown.push({
      trial: id,
      run: runs.latestRunId(id) ?? run,
      origin,
      point,
      share: rung === null ? null : (search.rungs[rung] ?? null),
      loss: loss === null ? null : sign * loss,
      failed: [...losses.values()].some((one) => !Number.isFinite(one)),
      microUsd: await runs.paidForTrial(id),
    });
  }
  return shown;
}

/** Results in the order of the records, each with the total spent so far. */
function trajectoryOf({ search }: SearchContext): TrailPoint[] {
  const trail: TrailPoint[] = [];
  let spent = 0;
  for (const record of search.records) {
    if (record.kind !== "stretch-end") continue;
    spent += record.microUsd;
    if (record.value === null) continue;
    trail.push({ trial: record.trial, share: record.at, loss: record.value, microUsd: spent });
  }
  return trail;
}

/** Settings of a final run. */
interface FinalRequest {
  /** Maximum total cost of the run, including its earlier segments. */
  readonly capUsd: Usd;
  readonly rate: SearchRate;
  /** Whether to evaluate the base model, forgetting and safety too. Once per search is enough. */
  readonly isFullEvaluation: boolean;
}

/** The trial within a cap, and evaluated like any other run, or without what one run per search has to measure. */
function finalTrial(trial: PreparedTrial, { capUsd, rate, isFullEvaluation }: FinalRequest): PreparedTrial {
  const { prepared } = trial;
  const capped = { ...prepared.recipe, budget: budgetFor(capUsd, rate) };
  if (isFullEvaluation) return { ...trial, prepared: { ...prepared, recipe: capped } };
  return { ...trial, prepared: { ...prepared, recipe: withoutExtras(capped), forgetting: null } };
}

function withoutExtras(recipe: Recipe): Recipe {
  return {
    ...recipe,
    evaluation: { ...recipe.evaluation, base: false, memorization: 0 },
    safety: { ...recipe.safety, code: "off", refusals: "off" },
  };
}

/**
 * Scores of the winner minus those of the recipe's own settings on the same test rows. Returns `null` if either run was
 * not evaluated, or if their rows differ.
 */
export async function compareFinals(
  output: string,
  own: string,
  winner: string,
  recipe: Recipe,
): Promise<readonly FinalScore[] | null> {
  const read = (run: string) => readJudgedRows(runFolderAt(join(output, "runs", run)));
  const [before, after] = [await read(own), await read(winner)];
  if (before === null || after === null) return null;
  if (JSON.stringify(before.questions) !== JSON.stringify(after.questions)) return null;
  return recipe.task.metrics.flatMap((metric) => {
    const [from, to] = [before.outcomes[metric], after.outcomes[metric]];
    if (!from || !to) return [];
    const alone = (rows: typeof from): number => metricKinds[metric].aggregate(rows, null);
    const difference = compareWays(metric, [from], [to], { seed: recipe.search.seed });
    return [{ metric, ...difference, own: alone(from), winner: alone(to) }];
  });
}
