/**
 * @file A history comes in: project by project, run by run, part by part. Each part is a transaction, nothing comes
 * twice, and what is damaged is left out and named.
 */
import { TunewiseError } from "../../../problem/index.ts";
import {
  countPoints,
  endKeptRun,
  findProject,
  type HistorySource,
  isDamage,
  keepModel,
  keepName,
  keepPoints,
  keepProject,
  keepRun,
  type MovedModel,
  type MovedProject,
  type MovedRun,
  runOrNull,
} from "../../../track/index.ts";
import type { Desk } from "../desk.ts";
import { bringFiles, type FileRoom } from "./bring-files.ts";
import { ImportCount, type ImportProgress, type ImportReport } from "./import-report.ts";

/** How to import. */
export interface ImportOptions {
  /** The project that takes all runs, in place of those they had. */
  readonly project: string | null;
  /** Where files of runs are to come too, the room for them. */
  readonly files: FileRoom | null;
  /** Only tell what would come. */
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
}

/** What the steps share. */
interface Work {
  readonly source: HistorySource;
  readonly desk: Desk;
  readonly options: ImportOptions;
  readonly count: ImportCount;
  /** Failures of the source one after the other: a server that is gone is not asked for every run. */
  failures: number;
}

/** So many failures in a row mean that the whole source is gone. */
const failuresMost = 3;

/**
 * Imports a history; where it is stopped, what came is kept, and the next import goes on.
 *
 * @throws {TunewiseError} `MOVE_READ_FAILED`, `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`, `MOVE_NO_ROOM`, `STORE_BUSY`,
 *   `STORE_WRITE_FAILED`
 */
export async function importHistory(
  source: HistorySource,
  desk: Desk,
  options: ImportOptions,
): Promise<ImportReport> {
  const count = new ImportCount();
  const work: Work = { source, desk, options, count, failures: 0 };
  try {
    for await (const project of source.projects()) {
      if (options.signal.aborted) break;
      if (isDamage(project)) count.leaveOut(`project ${project.what}`, project.reason);
      else await importProject(work, project);
    }
    if (!options.signal.aborted && !options.isDryRun) await importRegistry(work);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
  const wasStopped = options.signal.aborted;
  return count.report({ source: source.place, isDryRun: options.isDryRun, wasStopped });
}

async function importProject(work: Work, project: MovedProject): Promise<void> {
  const { source, desk, options, count } = work;
  const name = options.project ?? project.name;
  const known = await findProject(desk.database, { name });
  let number = known?.number ?? null;
  const open = async (): Promise<number> => {
    if (!count.projects.has(name)) count.projects.set(name, known === null);
    if (number === null && !options.isDryRun) {
      const about = options.project === null ? project : { name, stage: "active" as const, tags: [] };
      number = (await desk.write((transaction) => keepProject(transaction, about, desk.now()))).number;
    }
    return number ?? -1;
  };
  // Every tracker has an experiment `Default`; where nothing is in it, it is no news.
  if (project.name !== "Default" && options.project === null) {
    if (known !== null && !options.isDryRun)
      await desk.write((transaction) => keepProject(transaction, project, desk.now()));
    await open();
  }
  await importModels(work, project, open, true);
  for await (const run of source.runs(project)) {
    if (options.signal.aborted) return;
    if (isDamage(run)) count.leaveOut(`run ${run.what}`, run.reason);
    else await importRunOrLeaveOut(work, run, await open(), name);
  }
  // Once more, as now the runs are here that measured something about them.
  if (!options.signal.aborted) await importModels(work, project, open, false);
}

async function importRunOrLeaveOut(work: Work, run: MovedRun, project: number, name: string): Promise<void> {
  const { count, options } = work;
  try {
    await importRun(work, run, project);
    work.failures = 0;
  } catch (error) {
    if (options.signal.aborted || isFatal(error)) throw error;
    if (TunewiseError.is(error) && error.code === "MOVE_SERVER_FAILED" && ++work.failures >= failuresMost)
      throw error;
    count.leaveOut(`run ${run.id}`, error instanceof Error ? error.message : String(error));
  }
  options.onProgress({ project: name, runs: count.runsSeen, points: count.points.read });
}

/** What the next run would meet too. */
function isFatal(error: unknown): boolean {
  return TunewiseError.is(error) && /^(STORE_|ARTIFACT_|MOVE_CREDENTIALS|MOVE_NO_ROOM)/.test(error.code);
}

async function importRun(work: Work, run: MovedRun, project: number): Promise<void> {
  const { source, desk, options, count } = work;
  if (options.isDryRun) {
    const known = await runOrNull(desk.database, run.id);
    for await (const points of source.points(run)) count.points.read += points.length;
    if (known) count.runs.there++;
    else count.runs.fresh++;
    return;
  }
  const kept = await desk.write((transaction) => keepRun(transaction, run, project));
  const before = await countPoints(desk.database, kept.run.number);
  for await (const points of source.points(run)) {
    options.signal.throwIfAborted();
    count.points.read += points.length;
    await desk.write((transaction) => keepPoints(transaction, kept.run, points));
  }
  const added = (await countPoints(desk.database, kept.run.number)) - before;
  const owner = { of: "run", id: run.id, project: run.project } as const;
  const root = `${kept.run.project}/${run.id}/artifacts`;
  const files = options.files === null ? 0 : await bringFiles(work, options.files, owner, root);
  await desk.write((transaction) => endKeptRun(transaction, kept, run, desk.now()));
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
  const { source, desk, options, count } = work;
  for await (const model of source.models(project)) {
    if (options.signal.aborted) return;
    if (isDamage(model)) {
      if (isFirst) count.leaveOut(`model ${model.what}`, model.reason);
      continue;
    }
    try {
      const isNew = await importModel(work, model, await open());
      if (isFirst) count.models[isNew ? "fresh" : "there"]++;
    } catch (error) {
      if (options.signal.aborted || isFatal(error)) throw error;
      if (isFirst)
        count.leaveOut(`model ${model.id}`, error instanceof Error ? error.message : String(error));
      continue;
    }
    if (isFirst || options.files === null || options.isDryRun) continue;
    const [row] = await desk.database.all("SELECT project FROM logged_models WHERE id = ?", model.id);
    const owner = { of: "model", id: model.id, project: model.project } as const;
    await bringFiles(work, options.files, owner, `${row?.["project"]}/models/${model.id}/artifacts`);
  }
}

async function importModel({ desk, options }: Work, model: MovedModel, project: number): Promise<boolean> {
  if (!options.isDryRun) return desk.write((transaction) => keepModel(transaction, model, project));
  return (await desk.database.all("SELECT 1 FROM logged_models WHERE id = ?", model.id)).length === 0;
}

async function importRegistry({ source, desk, options, count }: Work): Promise<void> {
  for await (const name of source.registry()) {
    if (options.signal.aborted) return;
    if (isDamage(name)) {
      count.leaveOut(`registered model ${name.what}`, name.reason);
      continue;
    }
    const kept = await desk.write((transaction) => keepName(transaction, name, desk.now()));
    count.versions.fresh += kept.added;
    count.versions.there += kept.there;
    for (const version of kept.taken) {
      count.leaveOut(`version ${version} of ${name.name}`, "its number is or was another version's here");
    }
  }
}
