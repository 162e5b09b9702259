/**
 * @file One stretch of a trial, from its point to its report: the recipe there, its run, its cap, its training.
 */

import type { Prepared } from "../../prepare/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import { type Usd, usd } from "../../quantity/index.ts";
import type { EventBody } from "../../run/index.ts";
import type { Report, Search, SearchTrial } from "../../search/index.ts";
import { beginRun } from "../train/index.ts";
import type { SearchAtWork } from "./at-work.ts";
import { type PreparedTrial, prepareTrial } from "./prepare-trial.ts";
import { graceAt, shareOf } from "./search-money.ts";
import { ofSlice, slicedPoint, sliceOf } from "./slice.ts";
import { type StretchResult, trainStretch } from "./train-stretch.ts";
import { trainApart } from "./trial-process.ts";
import { variantOf } from "./variant.ts";

/**
 * Works on a stretch and says what came of it; `null`: interrupted.
 *
 * @param stop aborted: it is saved and ends
 * @throws {TunewiseError} `SEARCH_HALTED`
 */
export async function workOn(
  work: SearchAtWork,
  trial: SearchTrial,
  stop: AbortSignal,
): Promise<Report | null> {
  const { options, runs, rate, search } = work;
  const before = paidBefore(search, trial.id);
  const spentUsd = search.state.spentMicroUsd as Usd;
  const { fidelity } = work.source.planned.prepared.recipe.search;
  const how = howOf(search, trial);
  options.onNews({
    kind: "stretch-start",
    how,
    fidelity,
    trial,
    spentUsd,
    budgetUsd: work.settings.money.budgetUsd,
    rate,
  });
  const result = await trainTrial(work, trial, before, stop);
  const paid = usdOf(Math.max(0, (await runs.paidFor(trial.id)) - before));
  const { status, at, value, curve } = result;
  if (status === "halted") {
    const about = { trial: trial.id, run: runs.idOf(trial.id) ?? "none", sentence: result.sentence };
    throw problem("SEARCH_HALTED", about);
  }
  if (status === "interrupted") return null;
  options.onNews({ kind: "stretch-end", trial, result, usd: paid, rate });
  return { status, at, value, usd: paid, curve };
}

function howOf({ state }: Search, { id, from, again }: SearchTrial): "begins" | "goes on" | "is promoted" {
  if (again) return "goes on";
  if ((state.trials.get(id)?.losses.size ?? 0) > 0) return "is promoted";
  return from > 0 ? "goes on" : "begins";
}

/** What a trial's open stretch has cost so far. */
export async function paidSince({ search, runs }: SearchAtWork, trial: number): Promise<Usd> {
  return usdOf(Math.max(0, (await runs.paidFor(trial)) - paidBefore(search, trial)));
}

async function trainTrial(
  work: SearchAtWork,
  trial: SearchTrial,
  paid: number,
  stop: AbortSignal,
): Promise<StretchResult> {
  const { source, host, runs, folder, search, options, open } = work;
  const { id, to, maxUsd, from } = trial;
  const { recipe } = source.planned.prepared;
  const slice = sliceOf(recipe, to);
  const point = slice === undefined ? trial.point : slicedPoint(trial.point, slice, recipe, open);
  const failed = (sentence: string): StretchResult => ({
    ...{ status: "failed", to, at: from, value: null, curve: [], sentence },
  });
  const turn = search.state.paid.filter((one) => one.trial === id).length;
  const { loaded, problems } = variantOf(source.planned.prepared.loaded, source.space, point);
  if (loaded === null) return failed(problems[0]?.detail ?? "its settings cannot stand together");
  const ready = await prepareTrial(source, loaded, Object.keys(source.space.space), slice !== undefined);
  if (ready.plan.places[0]?.fits === "no") {
    await ready.prepared.model.weights.close();
    return failed("it does not fit into this machine's memory");
  }
  const which = { search: folder.id, trial: id, ...(slice === undefined ? {} : { slice }) };
  const summary = { kind: "trial", ...which };
  const why = `trial ${id} of search ${folder.id}`;
  const fresh = { ...ready, prepared: onWhole(ready, work), force: why, summary };
  const begin = () =>
    beginRun(fresh, host).catch((error: unknown) => {
      if (!TunewiseError.is(error) || error.code !== "RUN_EXISTS") throw error;
      return beginRun(fresh, host); // another trial began in the same second and drew the same end of an id
    });
  const place = await runs.of(id, trial.resumeRun, begin, slice);
  const byRows = recipe.search.fidelity === "rows";
  // a run on a slice has its own ledger: what the trial paid for other slices is not on it
  const ahead = byRows ? paidBefore(search, id, to) : paid;
  const { parallel } = work;
  const rate = shareOf(work.rate, parallel);
  const capUsd = usdOf(runs.beforeOf(id, slice) + ahead + maxUsd + graceAt(rate));
  const request = { ...which, turn, to: byRows ? 1 : to, capUsd, rate };
  const watch = (event: EventBody): void => options.watch(event, id);
  const result = await (parallel === 1
    ? trainStretch(place, ready, request, host, watch)
    : trainApart(place, ready, request, host, stop, watch));
  return byRows ? ofSlice(result, to) : result;
}

/**
 * A trial as it stands in the record: on the whole machine, which its final run has, and whoever goes on with it by
 * hand. What its stretches had of it is in its ledger.
 */
function onWhole({ prepared }: PreparedTrial, { whole }: SearchAtWork): Prepared {
  const { machine, search } = whole.planned.prepared.recipe;
  return { ...prepared, recipe: { ...prepared.recipe, machine, search } };
}

/** What a trial's ended stretches cost, all of them or those to a rung. */
function paidBefore({ state }: Search, trial: number, rung: number | null = null): number {
  return state.paid
    .filter((one) => one.trial === trial && (rung === null || one.to === rung))
    .reduce((sum, { microUsd }) => sum + microUsd, 0);
}

function usdOf(microUsd: number): Usd {
  return usd(microUsd / 1e6);
}
