/**
 * @file The use case behind `tunewise search`: from a recipe to its best settings, inside a budget.
 *
 *     ask ─► written down ─► a stretch of training ─► told ─► written down ─► ask ... ─► final runs ─► report
 */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { LoadedRecipe } from "../../prepare/index.ts";
import type { Host } from "../../runtime/index.ts";
import { openSearch } from "../../search/index.ts";
import { openRuns, type Store, takeLock } from "../../track/index.ts";
import { planRecipe } from "../plan/index.ts";
import { demandMoney } from "../runs/index.ts";
import type { SearchOptions, SearchOutcome, SearchPreview } from "./at-work.ts";
import { IdleClock } from "./idle-clock.ts";
import { knownRuns } from "./known-runs.ts";
import { type LineLog, openLineLog } from "./line-log.ts";
import { type ReadySearch, readySearch, settle } from "./open-search.ts";
import { type RangeWork, testRange } from "./range-test.ts";
import { createSearch, readSearchDocument } from "./search-folder.ts";
import { searchOn } from "./search-loop.ts";
import { TrialRuns } from "./trial-runs.ts";

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
    const { parallel } = ready;
    const atOnce = { parallel, threads: source.planned.input.machine.threads };
    const ahead = { ...atOnce, ...aheadOf(ready), resumes: found?.folder.id ?? null };
    const { fidelity } = source.planned.prepared.recipe.search;
    const about = { plan, ...source.space, rate, fidelity, ...ahead };
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
  const { output, source, rate, parallel } = ready;
  const { recipe, loaded } = source.planned.prepared;
  await mkdir(output, { recursive: true });
  const { folder, stored } =
    ready.found ?? (await createSearch(output, recipe.name, loaded.text, ready.about, host));
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const lock = await takeLock(folder.lock, host.processes, host.now(), randomUUID());
    closing.push(() => lock.release());
    const store = await openRuns(output);
    closing.push(() => store.close());
    await demandMoney(store, recipe.name, host);
    const runs = await TrialRuns.open(folder, output, rate, store, parallel);
    closing.push(() => runs.close());
    const settled = await afterRange(ready, { folder, runs, host, options });
    if (settled === null) return { document: null, folder: folder.path, isFromRecord: false };
    const idle = await IdleClock.open(folder.idle, parallel, rate, host.elapsedSeconds);
    closing.push(() => idle.close());
    const log = await openLineLog(folder.records);
    closing.push(() => log.close());
    const known = log.known.length > 0 ? log.known : await recall(settled, store, log, options);
    const search = openSearch(settled.settings, known);
    const about = { folder, created: stored.created, store, runs, idle, log, search, options, host };
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
  const { whole, rate, given, rangeUsd } = ready;
  const steps = whole.planned.prepared.recipe.search.rangeTest;
  if (steps === null || ready.range !== null) return ready;
  const range = await testRange({ ...work, source: whole, rate }, given, steps, rangeUsd);
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
