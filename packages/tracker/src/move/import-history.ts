/**
 * @file Imports a tracking history: projects, runs, and parts of runs. Each part is one transaction. Imports are
 * idempotent. Damaged items are skipped and reported.
 */

import { countOf } from "@tunewise/core/quantity";
import { findModelVersion } from "../models/model-versions.ts";
import { isProblemIn, TunewiseError } from "../problem/index.ts";
import { findProject } from "../tracking/projects.ts";
import { findTrackedRunOrNull } from "../tracking/runs.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { copyFiles, type DiskSpace } from "./bring-files.ts";
import {
  type HistorySource,
  isDamage,
  type MovedModel,
  type MovedProject,
  type MovedRun,
} from "./history.ts";
import { ImportCount, type ImportProgress, type ImportReport } from "./import-report.ts";
import { keepModel, keepName } from "./keep-models.ts";
import {
  endKeptRun,
  keepPoints,
  keepProject,
  keepRun,
  requireMovedPoints,
  requireMovedRun,
} from "./keep-run.ts";
import { countPoints } from "./stored-runs.ts";

/** Options of an import. */
export interface ImportOptions {
  /** Target project for all runs, instead of their own projects; `null` to keep those. */
  readonly project: string | null;
  /** Disk space for files; `null` to import no files. */
  readonly files: DiskSpace | null;
  /** Whether to only report what would be imported. */
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
}

/** Common state of all steps. */
interface Work {
  readonly source: HistorySource;
  readonly context: TrackingContext;
  readonly options: ImportOptions;
  readonly count: ImportCount;
  /** Number of consecutive failures of the source. Limits requests to an unreachable server. */
  failures: number;
}

/** Maximum consecutive failures before the source counts as unreachable. */
const maxFailures = 3;

/**
 * Imports a history. If it is stopped, imported parts remain and the next import continues.
 *
 * @throws {TunewiseError} `MOVE_READ_FAILED`, `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`, `MOVE_NO_ROOM`, `STORE_BUSY`,
 *  `STORE_WRITE_FAILED`
 */
export async function importHistory(
  source: HistorySource,
  context: TrackingContext,
  options: ImportOptions,
): Promise<ImportReport> {
  const count = new ImportCount();
  const work: Work = { source, context, options, count, failures: 0 };
  try {
    for await (const project of source.projects()) {
      if (options.signal.aborted) break;
      if (isDamage(project)) count.leaveOut("projects", project.what, project.reason);
      else await importProject(work, project);
    }
    if (!options.signal.aborted) await importRegistry(work);
    if (!options.signal.aborted) await noteOthers(work);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
  const wasStopped = options.signal.aborted;
  return count.report({ source: source.place, isDryRun: options.isDryRun, wasStopped });
}

async function importProject(work: Work, project: MovedProject): Promise<void> {
  const { source, context, options, count } = work;
  const name = options.project ?? project.name;
  const known = await findProject(context.database, { name });
  let number = known?.number ?? null;
  const open = async (): Promise<number> => {
    if (!count.projects.has(name)) count.projects.set(name, known === null);
    if (number === null && !options.isDryRun) {
      const about = options.project === null ? project : { name, stage: "active" as const, tags: [] };
      number = (await context.write((transaction) => keepProject(transaction, about, context.now()))).number;
    }
    return number ?? -1;
  };
  // Every MLflow store has an experiment `Default`. It is not imported if it is empty.
  if (project.name !== "Default" && options.project === null) {
    if (known !== null && !options.isDryRun)
      await context.write((transaction) => keepProject(transaction, project, context.now()));
    await open();
  }
  await importModels(work, project, open, true);
  for await (const run of source.runs(project)) {
    if (options.signal.aborted) return;
    if (isDamage(run)) count.leaveOut("runs", run.what, run.reason);
    else await importRunOrLeaveOut(work, run, await open(), name);
  }
  // Repeated because the runs that evaluated the models exist now.
  if (!options.signal.aborted) await importModels(work, project, open, false);
}

async function importRunOrLeaveOut(work: Work, run: MovedRun, project: number, name: string): Promise<void> {
  const { count, options } = work;
  try {
    await importRun(work, run, project);
    work.failures = 0;
  } catch (error) {
    if (options.signal.aborted || isFatal(error)) throw error;
    if (TunewiseError.is(error) && error.code === "MOVE_SERVER_FAILED" && ++work.failures >= maxFailures)
      throw error;
    count.leaveOut("runs", run.id, error instanceof Error ? error.message : String(error));
  }
  options.onProgress({ project: name, runs: count.runsSeen, points: count.points.read });
}

/** Whether the next run would fail the same way. */
export function isFatal(error: unknown): boolean {
  if (isProblemIn(error, "store", "artifacts")) return true;
  return TunewiseError.is(error) && (error.code === "MOVE_CREDENTIALS" || error.code === "MOVE_NO_ROOM");
}

async function importRun(work: Work, run: MovedRun, project: number): Promise<void> {
  const { source, context, options, count } = work;
  if (options.isDryRun) {
    requireMovedRun(run);
    const known = await findTrackedRunOrNull(context.database, run.id);
    for await (const points of source.points(run)) {
      requireMovedPoints(run, points);
      count.points.read += points.length;
    }
    if (known) count.runs.there++;
    else count.runs.fresh++;
    return;
  }
  const kept = await context.write((transaction) => keepRun(transaction, run, project));
  const before = await countPoints(context.database, kept.run.number);
  for await (const points of source.points(run)) {
    options.signal.throwIfAborted();
    count.points.read += points.length;
    await context.write((transaction) => keepPoints(transaction, kept.run, points));
  }
  const added = (await countPoints(context.database, kept.run.number)) - before;
  const owner = { of: "run", id: run.id, project: run.project } as const;
  const root = `${kept.run.project}/${run.id}/artifacts`;
  const files = options.files === null ? 0 : await copyFiles(work, options.files, owner, root);
  const models = await context.write((transaction) => endKeptRun(transaction, kept, run, context.now()));
  for (const model of models)
    count.leaveOut("links to logged models", `run ${run.id}`, `the model ${model} is not here`);
  count.points.added += added;
  if (kept.isNew) count.runs.fresh++;
  else if (added + files > 0) count.runs.more++;
  else count.runs.there++;
}

async function importModels(
  work: Work,
  project: MovedProject,
  open: () => Promise<number>,
  isFirst: boolean,
): Promise<void> {
  const { source, context, options, count } = work;
  for await (const model of source.models(project)) {
    if (options.signal.aborted) return;
    if (isDamage(model)) {
      if (isFirst) count.leaveOut("logged models", model.what, model.reason);
      continue;
    }
    try {
      const { isNew, unkept } = await importModel(work, model, await open());
      if (isFirst) count.models[isNew ? "fresh" : "there"]++;
      else if (unkept > 0) {
        const reason = `${countOf(unkept, "value")} of runs that are not here`;
        count.leaveOut("values of logged models", model.id, reason);
      }
    } catch (error) {
      if (options.signal.aborted || isFatal(error)) throw error;
      if (isFirst)
        count.leaveOut("logged models", model.id, error instanceof Error ? error.message : String(error));
      continue;
    }
    if (isFirst || options.files === null || options.isDryRun) continue;
    const [row] = await context.database.all("SELECT project FROM logged_models WHERE id = ?", model.id);
    const owner = { of: "model", id: model.id, project: model.project } as const;
    await copyFiles(work, options.files, owner, `${row?.["project"]}/models/${model.id}/artifacts`);
  }
}

async function importModel(
  { context, options }: Work,
  model: MovedModel,
  project: number,
): ReturnType<typeof keepModel> {
  if (!options.isDryRun) return context.write((transaction) => keepModel(transaction, model, project));
  const known = await context.database.all("SELECT 1 FROM logged_models WHERE id = ?", model.id);
  return { isNew: known.length === 0, unkept: 0 };
}

async function importRegistry({ source, context, options, count }: Work): Promise<void> {
  for await (const name of source.registry()) {
    if (options.signal.aborted) return;
    if (isDamage(name)) {
      count.leaveOut("registered models", name.what, name.reason);
      continue;
    }
    if (options.isDryRun) {
      for (const { version } of name.versions) {
        const known = await findModelVersion(context.database, name.name, { version });
        count.versions[known ? "there" : "fresh"]++;
      }
      continue;
    }
    const kept = await context.write((transaction) => keepName(transaction, name, context.now()));
    count.versions.fresh += kept.added;
    count.versions.there += kept.there;
    for (const version of kept.taken) {
      const reason = "its number is or was another version's here";
      count.leaveOut("model versions", `version ${version} of ${name.name}`, reason);
    }
    for (const alias of kept.otherAliases) {
      const reason = "it points to another version here, or to one that is not here";
      count.leaveOut("model aliases", `${alias} of ${name.name}`, reason);
    }
  }
}

/** Reports other items of the source that are not imported. */
async function noteOthers({ source, options, count }: Work): Promise<void> {
  for await (const item of source.others()) {
    if (options.signal.aborted) return;
    if (isDamage(item)) count.leaveOut("entries of folders", item.what, item.reason);
    else count.notCarried.push(item);
  }
}
