/**
 * @file `tunewise search`: finds the best settings of a recipe within a budget.
 *
 *     ask ─► log ─► train a segment ─► report ─► log ─► ask ... ─► final runs ─► report document
 */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { openRuns, type Store, takeLock } from "@tunewise/tracker";
import type { Runtime } from "../../runtime/index.ts";
import { openSearch } from "../../search/index.ts";
import type { PlannedRecipe } from "../plan/index.ts";
import { requireSharedBudget, settleTicks } from "../runs/index.ts";
import { findKnownRuns } from "./find-known-runs.ts";
import { IdleClock } from "./idle-clock.ts";
import { type LineLog, openLineLog } from "./line-log.ts";
import { findEarlierSearch, type PreparedSearch, prepareSearch, withRangeOutcome } from "./open-search.ts";
import { type RangeTestInput, runRangeTest } from "./range-test.ts";
import type { SearchOptions, SearchOutcome, SearchPreview, SitePreview } from "./search-context.ts";
import { createSearch, readSearchDocument } from "./search-folder.ts";
import { runTrials } from "./search-loop.ts";
import { storedSite } from "./search-site.ts";
import { TrialRuns } from "./trial-runs.ts";

/**
 * Runs a search. The same recipe resumes its unfinished search, or returns the record of a finished one.
 *
 * @returns `null` if `approve` declined
 * @throws {TunewiseError} those of `prepareSearch`, `RUN_LOCKED` if another process runs the search, `SEARCH_HALTED`
 */
export async function runSearch(
  planned: PlannedRecipe,
  runtime: Runtime,
  options: SearchOptions,
): Promise<SearchOutcome | null> {
  const found = options.isFresh ? null : await findEarlierSearch(planned);
  if (found?.isEnded) {
    const document = await readSearchDocument(found.folder);
    return { document, folder: found.folder.path, isFromRecord: true };
  }
  const ready = await prepareSearch(planned, found, options, runtime);
  const { plan, rate, source, parallel } = ready;
  const atOnce = { parallel, threads: source.planned.input.machine.threads, site: sitePreview(ready) };
  const ahead = { ...atOnce, ...previewExtras(ready), resumes: found?.folder.id ?? null };
  const { fidelity } = source.planned.prepared.recipe.search;
  const about = { plan, ...source.space, rate, fidelity, ...ahead };
  if (!(await options.approve(about))) return null;
  return execute(ready, runtime, options);
}

function sitePreview({ whole: { site }, shares, time: { basis } }: PreparedSearch): SitePreview {
  return {
    by: site === null ? "this-machine" : "torch",
    address: site?.address ?? "here",
    cards: (site?.cards ?? []).map(({ name }) => name),
    cardsEach: shares[0]?.cards.length ?? 0,
    basis,
  };
}

/** Parts of the preview that depend on the range test. */
function previewExtras({
  findings,
  source,
  range,
  rangeUsd,
}: PreparedSearch): Pick<SearchPreview, "findings" | "range"> {
  const steps = source.planned.prepared.recipe.search.rangeTest;
  return { findings, range: steps === null || range !== null ? null : { steps, usd: rangeUsd } };
}

async function execute(
  ready: PreparedSearch,
  runtime: Runtime,
  options: SearchOptions,
): Promise<SearchOutcome> {
  const { output, source, rate, parallel } = ready;
  const { recipe, loaded } = source.planned.prepared;
  await mkdir(output, { recursive: true });
  const { folder, stored } =
    ready.found ?? (await createSearch(output, recipe.name, loaded.text, ready.about, runtime));
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const lock = await takeLock(folder.lock, runtime.processes, runtime.now(), randomUUID());
    closing.push(() => lock.release());
    await settleTicks(output, runtime, true); // records the cost of a killed execution
    const store = await openRuns(output);
    closing.push(() => store.close());
    await requireSharedBudget(store, recipe.name, runtime);
    const runs = await TrialRuns.open(folder, output, rate, store, parallel);
    closing.push(() => runs.close());
    const settled = await afterRangeTest(ready, { folder, runs, runtime, options });
    if (settled === null) return { document: null, folder: folder.path, isFromRecord: false };
    const idle = await IdleClock.open(folder.idle, parallel, rate, runtime.elapsedSeconds);
    closing.push(() => idle.close());
    const log = await openLineLog(folder.records);
    closing.push(() => log.close());
    const known = log.known.length > 0 ? log.known : await recordKnownRuns(settled, store, log, options);
    const search = openSearch(settled.settings, known);
    const about = { folder, created: stored.created, store, runs, idle, log, search, options, runtime };
    return await runTrials({ ...settled, ...about });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Applies the range test, if the recipe has one. Returns `null` if it was interrupted. */
async function afterRangeTest(
  ready: PreparedSearch,
  work: Pick<RangeTestInput, "folder" | "runs" | "runtime" | "options">,
): Promise<PreparedSearch | null> {
  const { whole, rate, given, rangeUsd } = ready;
  const steps = whole.planned.prepared.recipe.search.rangeTest;
  if (steps === null || ready.range !== null) return ready;
  const range = await runRangeTest({ ...work, source: whole, rate }, given, steps, rangeUsd);
  return range && { ...ready, ...withRangeOutcome(ready, range) };
}

/** Records earlier runs that count as trials, before any other records. */
async function recordKnownRuns(
  { output, source, whole, open }: PreparedSearch,
  store: Store,
  log: LineLog,
  { onProgress }: SearchOptions,
): Promise<readonly unknown[]> {
  const about = { output, prepared: source.planned.prepared, space: source.space, open };
  const known = await findKnownRuns(store, { ...about, site: whole.site && storedSite(whole.site) });
  await log.add(known);
  if (known.length > 0) onProgress({ kind: "known", runs: known.length });
  return known;
}
