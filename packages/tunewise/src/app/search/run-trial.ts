/**
 * @file Runs one segment of a trial, from its point in the search space to its report: recipe, run, budget cap,
 * training.
 */

import { type Usd, usd } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import type { Prepared } from "../../prepare/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Report, Search, SearchPoint, SearchTrial } from "../../search/index.ts";
import { refusalsOf, type WorkerSite } from "../plan/index.ts";
import { beginRun } from "../train/index.ts";
import { type PreparedTrial, prepareTrial } from "./prepare-trial.ts";
import type { SearchContext } from "./search-context.ts";
import { graceCost, rateOfShare } from "./search-money.ts";
import type { DerivedValues } from "./space.ts";
import { type SegmentResult, trainSegment } from "./train-segment.ts";
import { trainInProcess } from "./trial-process.ts";
import { variantOf } from "./variant.ts";

/**
 * Runs a segment and returns its report, or `null` if it was interrupted.
 *
 * @param site share of the machine with the worker; `null` for the engine
 * @param stop on abort, the segment saves and ends
 * @throws {TunewiseError} `SEARCH_HALTED`
 */
export async function runSegment(
  work: SearchContext,
  trial: SearchTrial,
  site: WorkerSite | null,
  stop: AbortSignal,
): Promise<Report | null> {
  const { options, runs, rate, search } = work;
  const before = paidBefore(search, trial.id);
  const spentUsd = search.state.spentMicroUsd as Usd;
  const { fidelity } = work.source.planned.prepared.recipe.search;
  const how = startKind(search, trial);
  options.onProgress({
    kind: "stretch-start",
    how,
    fidelity,
    trial,
    spentUsd,
    budgetUsd: work.settings.money.budgetUsd,
    rate,
  });
  const result = await trainTrial(work, trial, before, site, stop);
  const paid = fromMicroUsd(Math.max(0, (await runs.paidForTrial(trial.id)) - before));
  const { status, at, value, curve } = result;
  if (status === "halted") {
    const about = { trial: trial.id, run: runs.latestRunId(trial.id) ?? "none", sentence: result.sentence };
    throw problem("SEARCH_HALTED", about);
  }
  if (status === "interrupted") return null;
  options.onProgress({ kind: "stretch-end", trial, result, usd: paid, rate });
  return { status, at, value, usd: paid, curve };
}

function startKind(
  { state }: Search,
  { id, from, again }: SearchTrial,
): "begins" | "goes on" | "is promoted" {
  if (again) return "goes on";
  if ((state.trials.get(id)?.losses.size ?? 0) > 0) return "is promoted";
  return from > 0 ? "goes on" : "begins";
}

/** Cost of a trial's open segment so far. */
export async function paidSince({ search, runs }: SearchContext, trial: number): Promise<Usd> {
  return fromMicroUsd(Math.max(0, (await runs.paidForTrial(trial)) - paidBefore(search, trial)));
}

async function trainTrial(
  work: SearchContext,
  trial: SearchTrial,
  paid: number,
  site: WorkerSite | null,
  stop: AbortSignal,
): Promise<SegmentResult> {
  const source = { ...work.source, site };
  const { runtime, runs, folder, search, options, open } = work;
  const { id, to, maxUsd, from } = trial;
  const { recipe } = source.planned.prepared;
  const slice = sliceFraction(recipe, to);
  const point = slice === undefined ? trial.point : slicedPoint(trial.point, slice, recipe, open);
  const failed = (sentence: string): SegmentResult => ({
    status: "failed",
    to,
    at: from,
    value: null,
    curve: [],
    sentence,
  });
  const turn = search.state.paid.filter((one) => one.trial === id).length;
  const { loaded, problems } = variantOf(source.planned.prepared.loaded, source.space, point);
  if (loaded === null) return failed(problems[0]?.detail ?? "its settings cannot stand together");
  const named = { ...loaded, runName: trialName(source.planned.prepared, id, slice) };
  const ready = await prepareTrial(source, named, Object.keys(source.space.space), slice !== undefined);
  const [refusal] = refusalsOf(ready, ready.placement.kind);
  if (refusal !== undefined) return failed(refusal.detail);
  const which = { search: folder.id, trial: id, ...(slice === undefined ? {} : { slice }) };
  const summary = { kind: "trial", ...which };
  const why = `trial ${id} of search ${folder.id}`;
  const begun = { ...ready, prepared: onWholeMachine(ready, work), force: why, summary };
  const begin = () =>
    beginRun(begun, runtime).catch((error: unknown) => {
      if (!TunewiseError.is(error) || error.code !== "RUN_EXISTS") throw error;
      return beginRun(begun, runtime); // another trial began in the same second with the same random id suffix
    });
  const place = await runs.ensureRun(id, trial.resumeRun, begin, slice);
  const byRows = recipe.search.fidelity === "rows";
  // a run on a slice has its own ledger, which excludes what the trial paid for other slices
  const ahead = byRows ? paidBefore(search, id, to) : paid;
  const { parallel } = work;
  const rate = rateOfShare(work.rate, parallel);
  const capUsd = fromMicroUsd(runs.costBefore(id, slice) + ahead + maxUsd + graceCost(rate));
  const request = { ...which, turn, to: byRows ? 1 : to, capUsd, rate };
  const watch = (event: EventBody): void => options.watch(event, id);
  const result = await (parallel === 1 && site === null
    ? trainSegment(place, ready, request, runtime, watch)
    : trainInProcess(place, ready, request, runtime, stop, watch));
  return byRows ? resultOnAllRows(result, to) : result;
}

/** For example `tickets trial 7`, followed by the fraction of the rows for a slice. */
function trialName({ loaded, recipe }: Prepared, trial: number, slice: number | undefined): string {
  const part = slice === undefined ? "" : ` on ${+(100 * slice).toFixed(1)} % of the rows`;
  return `${loaded.runName ?? recipe.name} trial ${trial}${part}`;
}

/**
 * The trial as recorded: on the whole machine, as its final run or a later `resume` uses it. The ledger contains the
 * share that its segments used.
 */
function onWholeMachine({ prepared }: PreparedTrial, { whole }: SearchContext): Prepared {
  const { machine, search } = whole.planned.prepared.recipe;
  return { ...prepared, recipe: { ...prepared.recipe, machine, search } };
}

/** Cost in micro-dollars of a trial's finished segments, or only of those that ended at `rung`. */
function paidBefore({ state }: Search, trial: number, rung: number | null = null): number {
  return state.paid
    .filter((one) => one.trial === trial && (rung === null || one.to === rung))
    .reduce((sum, { microUsd }) => sum + microUsd, 0);
}

function fromMicroUsd(microUsd: number): Usd {
  return usd(microUsd / 1e6);
}

/** Key set by a slice. A space that also searches it is refused. */
const rowsKey = "data.rows.train";
const stepsKey = "training.steps";

/**
 * Fraction of the rows for a rung. Slices are nested, because each contains the first rows of the same seeded shuffle.
 * Returns `undefined` for all rows, and if rungs are fractions of the steps.
 */
export function sliceFraction({ search }: Pick<Recipe, "search">, to: number): number | undefined {
  return search.fidelity === "rows" && to < 1 ? to : undefined;
}

/** The point on a fraction of the rows. If steps are given instead of epochs, they are reduced by the same fraction. */
export function slicedPoint(
  point: SearchPoint,
  share: number,
  { training }: Pick<Recipe, "training">,
  { trainRows }: DerivedValues,
): SearchPoint {
  const cut = (whole: number): number => Math.max(1, Math.round(share * whole));
  const steps = (point[stepsKey] as number | undefined) ?? training.steps;
  return {
    ...point,
    [rowsKey]: cut(trainRows),
    ...(steps === null ? {} : { [stepsKey]: cut(steps) }),
  };
}

/**
 * Converts the result of a complete training on a slice to the result of its rung. Drops the curve, whose losses belong
 * to another training than those of the other rungs.
 */
export function resultOnAllRows(result: SegmentResult, to: number): SegmentResult {
  return { ...result, to, at: result.status === "reached" ? to : result.at * to, curve: [] };
}
