/**
 * @file The end of a search: final runs where they are wanted, and the files that tell of it.
 */
import { type Usd, usd } from "../../quantity/index.ts";
import {
  type FinalRun,
  type SearchDocument,
  type SearchFinals,
  type ShownTrial,
  searchHtml,
  searchMarkdown,
  type TrailPoint,
} from "../../report/index.ts";
import type { RunStatus } from "../../run/index.ts";
import { type Answer, accountFor, type BestTrial, type TrialState } from "../../search/index.ts";
import { writeWholeFile } from "../../track/index.ts";
import { beginRun } from "../train/index.ts";
import type { SearchAtWork } from "./at-work.ts";
import { compareFinals, finishTrial } from "./final-runs.ts";
import { prepareTrial } from "./prepare-trial.ts";
import { variantOf } from "./variant.ts";

/** Trains the best to the end, judges it beside the recipe's own settings, and writes the report. */
export async function endSearch(
  work: SearchAtWork,
  end: Extract<Answer, { act: "end" }>,
): Promise<SearchDocument | null> {
  const { source, settings, search, host, folder } = work;
  const { recipe } = source.planned.prepared;
  const account = accountFor(settings, search);
  const finals = recipe.search.final && account.best !== null ? await finish(work, account.best) : null;
  if (host.signal.aborted) return null;
  const paid = await work.runs.paid();
  const document: SearchDocument = {
    ...{ format_version: 1, search: folder.id, name: recipe.name, model: recipe.model.source },
    ...{ created: work.created, ended: host.now().toISOString() },
    validation_rows: source.planned.prepared.encoded.validation.rows.length,
    ...{ space: source.space.space, defaults: source.space.defaults },
    ...{ rate: work.rate, price_source: recipe.machine.source },
    fidelity: recipe.search.fidelity,
    end: { reason: end.reason, sentence: end.sentence },
    account,
    range_test: work.range,
    finals_micro_usd: (paid - account.spentUsd - (work.range?.microUsd ?? 0)) as Usd,
    idle_micro_usd: work.idle.usd,
    parallel: work.parallel,
    trials: await shownTrials(work),
    trail: trailOf(work),
    finals,
  };
  await writeWholeFile(folder.reportMarkdown, searchMarkdown(document));
  await writeWholeFile(folder.reportHtml, searchHtml(document));
  await writeWholeFile(folder.document, `${JSON.stringify(document)}\n`);
  return document;
}

/** The winner first: the money is its own before it is the comparison's. */
async function finish(work: SearchAtWork, best: BestTrial): Promise<SearchFinals> {
  const { source, search, output, options, host } = work;
  const { recipe, encoded } = source.planned.prepared;
  const own = [...search.state.trials.values()].find(({ point }) => isOwn(point, work));
  const isSame = own?.id === best.trial;
  const reserve = isSame || own === undefined ? 0 : keptForOwn(work, own);
  options.onNews({ kind: "final", trial: best.trial, isOwn: isSame });
  const winner = await finalRun(work, best.trial, true, reserve);
  const hasFailed = own !== undefined && [...own.losses.values()].some((loss) => !Number.isFinite(loss));
  const isAlone = own === undefined || isSame || hasFailed || host.signal.aborted;
  if (!isAlone) options.onNews({ kind: "final", trial: own.id, isOwn: true });
  const beside = isAlone ? null : await finalRun(work, own.id, false, 0);
  const scores = beside && (await compareFinals(output, beside.run, winner.run, recipe));
  const verdict = isSame ? "own-best" : (scores?.[0]?.verdict ?? "cannot-tell");
  return { winner, own: beside, testRows: encoded.test.rows.length, scores, verdict };
}

/** What the run beside the winner may still take: its judging, and its training where that is still to come. */
function keptForOwn({ settings, search }: SearchAtWork, own: TrialState): number {
  const { finalRunUsd, finalTrainingUsd = 0 } = settings.money;
  const isTrained = own.losses.has(search.rungs.length - 1);
  return (finalRunUsd - 2 * finalTrainingUsd) / 2 + (isTrained ? 0 : finalTrainingUsd);
}

function isOwn(point: TrialState["point"], { source }: SearchAtWork): boolean {
  const { defaults } = source.space;
  return Object.keys(defaults).every((path) => point[path] === defaults[path]);
}

/** Goes on with a trial's run to its end, unless it is there already. @param reserve left for another final run */
async function finalRun(
  work: SearchAtWork,
  trial: number,
  isWhole: boolean,
  reserve: number,
): Promise<FinalRun> {
  const { whole: source, search, runs, store, host, rate, settings, options } = work;
  const { point, run: known } = search.state.trials.get(trial) as TrialState;
  const found = runs.wholeOf(trial) ?? known;
  if (found !== null && (await store.findRun(found)).status === "completed")
    return { trial, run: found, status: "completed" };
  const { loaded } = variantOf(source.planned.prepared.loaded, source.space, point);
  if (loaded === null) throw new Error("Internal: a trial with a result has no recipe");
  const ready = await prepareTrial(source, loaded, Object.keys(source.space.space));
  const summary = { kind: "trial", search: work.folder.id, trial };
  // where rungs are slices of the rows the best may have none on all of them yet
  const begin = () => beginRun({ ...ready, force: `final run of ${work.folder.id}`, summary }, host);
  const place = await runs.of(trial, known, begin);
  await runs.takeWhole(trial);
  const tick = settings.money.tickUsd * work.parallel; // the whole machine's price again
  const left = work.money.budgetUsd - (await runs.paid()) - work.idle.usd - tick - reserve;
  const total = await runs.meteredOf(trial);
  const request = { capUsd: usd(Math.max(1, total + left) / 1e6), rate, isWhole };
  const ended: RunStatus = await finishTrial(place, ready, request, host, (event) =>
    options.watch(event, null),
  );
  return { trial, run: place.runId, status: ended };
}

async function shownTrials({ search, runs, settings }: SearchAtWork): Promise<ShownTrial[]> {
  const sign = settings.goal === "minimize" ? 1 : -1;
  const shown: ShownTrial[] = [];
  for (const { id, run, origin, point, losses } of search.state.trials.values()) {
    const [rung, loss] = [...losses].filter(([, one]) => Number.isFinite(one)).at(-1) ?? [null, null];
    shown.push({
      ...{ trial: id, run: runs.idOf(id) ?? run, origin, point },
      share: rung === null ? null : (search.rungs[rung] ?? null),
      loss: loss === null ? null : sign * loss,
      failed: [...losses.values()].some((one) => !Number.isFinite(one)),
      microUsd: await runs.paidFor(id),
    });
  }
  return shown;
}

/** Results in the order of the records, with what had been spent by then. */
function trailOf({ search }: SearchAtWork): TrailPoint[] {
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
