/**
 * @file The use case behind `tunewise search`: from a recipe to its best settings, inside a budget.
 *
 *     ask ─► written down ─► a stretch of training ─► told ─► written down ─► ask ... ─► final runs ─► report
 */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { problem } from "../../problem/index.ts";
import { type Usd, usd } from "../../quantity/index.ts";
import { openSearch, type Report, type Search, type SearchTrial } from "../../search/index.ts";
import { openStore, type Store, takeLock } from "../../track/index.ts";
import { demandMoney } from "../duplicates/earlier.ts";
import type { Host } from "../host.ts";
import type { LoadedRecipe } from "../load-recipe.ts";
import { planRecipe } from "../plan-recipe.ts";
import { beginRun } from "../run/begin-run.ts";
import { storePath } from "../store-path.ts";
import type { SearchAtWork, SearchOptions, SearchOutcome, SearchPreview } from "./at-work.ts";
import { endSearch } from "./end-search.ts";
import { knownRuns } from "./known-runs.ts";
import { type LineLog, openLineLog } from "./line-log.ts";
import { type ReadySearch, readySearch, settle } from "./open-search.ts";
import { prepareTrial } from "./prepare-trial.ts";
import { type RangeWork, testRange } from "./range-test.ts";
import { readSearchDocument } from "./search-document.ts";
import { createSearch } from "./search-folder.ts";
import { graceAt } from "./search-money.ts";
import { type StretchResult, trainStretch } from "./train-stretch.ts";
import { TrialRuns } from "./trial-runs.ts";
import { variantOf } from "./variant.ts";

/**
 * Searches; the same recipe again goes on with an unfinished search, or is answered from the record of an ended one.
 *
 * @returns `null` where `approve` said no
 * @throws {TunewiseError} those of `readySearch`, `RUN_LOCKED` where another process works on it, `SEARCH_HALTED`
 */
export async function runSearch(
  loaded: LoadedRecipe,
  host: Host,
  options: SearchOptions,
): Promise<SearchOutcome | null> {
  const planned = await planRecipe(loaded, host, options.onDownload);
  try {
    const ready = await readySearch(planned, host, options.isAnew);
    const { found, plan, rate, source } = ready;
    if (found?.isEnded) {
      const document = await readSearchDocument(found.folder);
      return { document, folder: found.folder.path, isFromRecord: true };
    }
    const about = { plan, ...source.space, rate, ...aheadOf(ready), resumes: found?.folder.id ?? null };
    if (!(await options.approve(about))) return null;
    return await atWork(ready, host, options);
  } finally {
    await planned.prepared.model.weights.close();
  }
}

/** What is said of a search before its trials. */
function aheadOf({
  findings,
  source,
  range,
  rangeUsd,
}: ReadySearch): Pick<SearchPreview, "findings" | "range"> {
  const steps = source.planned.prepared.recipe.search.rangeTest;
  return { findings, range: steps === null || range !== null ? null : { steps, usd: rangeUsd } };
}

async function atWork(ready: ReadySearch, host: Host, options: SearchOptions): Promise<SearchOutcome> {
  const { output, source, rate } = ready;
  const { recipe, loaded } = source.planned.prepared;
  await mkdir(output, { recursive: true });
  const { folder, stored } =
    ready.found ?? (await createSearch(output, recipe.name, loaded.text, ready.about, host));
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const lock = await takeLock(folder.lock, host.processes, host.now(), randomUUID());
    closing.push(() => lock.release());
    const store = await openStore(storePath(output));
    closing.push(() => store.close());
    await demandMoney(store, recipe.name, host);
    const runs = await TrialRuns.open(folder, output, rate, store);
    closing.push(() => runs.close());
    const settled = await afterRange(ready, { folder, runs, host, options });
    if (settled === null) return { document: null, folder: folder.path, isFromRecord: false };
    const log = await openLineLog(folder.records);
    closing.push(() => log.close());
    const known = log.known.length > 0 ? log.known : await recall(settled, store, log, options);
    const search = openSearch(settled.settings, known);
    const about = { folder, created: stored.created, store, runs, log, search, options, host };
    return await searchOn({ ...settled, ...about });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** The search with what its range test showed, where it wants one; `null`: interrupted. */
async function afterRange(
  ready: ReadySearch,
  work: Pick<RangeWork, "folder" | "runs" | "host" | "options">,
): Promise<ReadySearch | null> {
  const { source, rate, given, rangeUsd } = ready;
  const steps = source.planned.prepared.recipe.search.rangeTest;
  if (steps === null || ready.range !== null) return ready;
  const range = await testRange({ ...work, source, rate }, given, steps, rangeUsd);
  return range && { ...ready, ...settle(ready, range) };
}

/** Runs of before, ahead of all other records. */
async function recall(
  { output, source, open }: ReadySearch,
  store: Store,
  log: LineLog,
  { onNews }: SearchOptions,
): Promise<readonly unknown[]> {
  const known = await knownRuns(store, output, source.planned.prepared, source.space, open);
  await log.add(known);
  if (known.length > 0) onNews({ kind: "known", runs: known.length });
  return known;
}

async function searchOn(work: SearchAtWork): Promise<SearchOutcome> {
  const { search, log, folder, host } = work;
  const outcome = { folder: folder.path, isFromRecord: false };
  let written = search.records.length;
  const write = async (): Promise<void> => {
    await log.add(search.records.slice(written));
    written = search.records.length;
  };
  for (;;) {
    if (host.signal.aborted) return { ...outcome, document: null };
    const next = search.ask();
    await write();
    if (next.act !== "try") {
      if (next.act === "wait") throw new Error("Internal: a search with one worker waits for nobody");
      const document = await endSearch(work, next);
      return { ...outcome, document };
    }
    const report = await stretch(work, next.trial);
    if (report === null) return { ...outcome, document: null };
    search.tell(next.trial.id, report);
    await write();
  }
}

/** Works on a stretch and says what came of it; `null`: interrupted. */
async function stretch(work: SearchAtWork, trial: SearchTrial): Promise<Report | null> {
  const { options, runs, rate, search } = work;
  const before = paidBefore(search, trial.id);
  const spentUsd = search.state.spentMicroUsd as Usd;
  options.onNews({ kind: "stretch-start", trial, spentUsd, budgetUsd: work.settings.money.budgetUsd, rate });
  const result = await trainTrial(work, trial, before);
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

async function trainTrial(work: SearchAtWork, trial: SearchTrial, paid: number): Promise<StretchResult> {
  const { source, host, runs, rate, folder, search, options } = work;
  const { id, point, to, maxUsd, from } = trial;
  const failed = (sentence: string): StretchResult => ({
    ...{ status: "failed", to, at: from, value: null, curve: [], sentence },
  });
  const { loaded, problems } = variantOf(source.planned.prepared.loaded, source.space, point);
  if (loaded === null) return failed(problems[0]?.detail ?? "its settings cannot stand together");
  const ready = await prepareTrial(source, loaded, Object.keys(source.space.space));
  if (ready.plan.places[0]?.fits === "no") {
    await ready.prepared.model.weights.close();
    return failed("it does not fit into this machine's memory");
  }
  const begin = () => {
    const summary = { kind: "trial", search: folder.id, trial: id };
    return beginRun({ ...ready, force: `trial ${id} of search ${folder.id}`, summary }, host);
  };
  const place = await runs.of(id, trial.resumeRun, begin);
  const before = runs.trials.find((one) => one.trial === id)?.microUsdBefore ?? 0;
  const turn = search.state.paid.filter((one) => one.trial === id).length;
  const capUsd = usdOf(before + paid + maxUsd + graceAt(rate));
  const request = { search: folder.id, trial: id, turn, to, capUsd, rate };
  return trainStretch(place, ready, request, host, options.watch);
}

/** What a trial's ended stretches cost. */
function paidBefore({ state }: Search, trial: number): number {
  return state.paid.filter((one) => one.trial === trial).reduce((sum, { microUsd }) => sum + microUsd, 0);
}

function usdOf(microUsd: number): Usd {
  return usd(microUsd / 1e6);
}
