/**
 * @file Imports runs from `.wandb` files as if their clients had sent them. A file that is still growing is imported up
 * to its current end. Damaged parts are skipped and reported.
 */

import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { openRegularFile } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";
import type { TrackingContext } from "../tracking-context.ts";
import {
  defaultEntity,
  findWandbProject,
  findWandbRun,
  projectName,
  type WandbPath,
} from "../wandb/wandb-run.ts";
import { readWandbFile } from "../wandb-file/read-wandb-file.ts";
import { copyFile, copyFiles, type DiskSpace } from "./bring-files.ts";
import { isDamage, type MovedFile } from "./history.ts";
import { type ImportOptions, isFatal } from "./import-history.ts";
import { ImportCount, type ImportReport } from "./import-report.ts";
import { filesBelow } from "./mlflow/local-files.ts";
import { countPoints } from "./stored-runs.ts";
import { endSession, findSessionPlace, keepLines, openSessionRun } from "./wandb/keep-session.ts";
import { Session } from "./wandb/session.ts";

/** Lines per transaction. */
const batchLines = 500;
/** A file that has not changed for this long belongs to a finished run. */
const inactiveMs = 3_600_000;

/** Common state of all steps. */
interface Work {
  readonly context: TrackingContext;
  readonly options: ImportOptions;
  readonly count: ImportCount;
}

/**
 * Imports all `.wandb` files at a path, with the sessions of each run in order.
 *
 * @throws {TunewiseError} `MOVE_SOURCE_UNKNOWN`, `MOVE_NO_ROOM`, `STORE_BUSY`, `STORE_WRITE_FAILED`
 */
export async function importWandb(
  word: string,
  cwd: string,
  context: TrackingContext,
  options: ImportOptions,
): Promise<ImportReport> {
  const count = new ImportCount();
  const work: Work = { context, options, count };
  const files = await findWandbFiles(word, cwd);
  for (const { file, session } of await inOrder(files, count)) {
    if (options.signal.aborted) break;
    try {
      await importFile(work, file, session);
    } catch (error) {
      if (options.signal.aborted) break;
      if (isFatal(error)) throw error;
      count.leaveOut("W&B files", file.path, error instanceof Error ? error.message : String(error));
    }
    options.onProgress({
      project: session.run?.project ?? "",
      runs: count.runsSeen,
      points: count.points.read,
    });
  }
  const about = { isDryRun: options.isDryRun, wasStopped: options.signal.aborted };
  return count.report({ source: resolve(cwd, word), ...about });
}

/**
 * Returns the files with the start of their sessions, sorted by start time. Skips files that do not begin with a run.
 */
async function inOrder(
  files: readonly WandbFile[],
  count: ImportCount,
): Promise<{ readonly file: WandbFile; readonly session: Session }[]> {
  const begun: { readonly file: WandbFile; readonly session: Session }[] = [];
  for (const file of files) {
    const session = new Session();
    let records = 0;
    try {
      for await (const part of readWandbFile(await chunksOf(file.path))) {
        session.take(part);
        if (session.run !== null || ++records > recordsBeforeRun) break;
      }
    } catch (error) {
      count.leaveOut("W&B files", file.path, error instanceof Error ? error.message : String(error));
      continue;
    }
    if (session.run === null) count.leaveOut("W&B files", file.path, "it does not begin with a run");
    else begun.push({ file, session });
  }
  return begun.sort((a, b) => (a.session.run?.startedMs ?? 0) - (b.session.run?.startedMs ?? 0));
}

/** Maximum records before the run record. */
const recordsBeforeRun = 1000;

/** Whether the server accepts a name. @source the limit is W&B's own */
function isName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is searched for
  return name !== "" && name.length <= 128 && !/[\u0000-\u001f\u007f/\\#?%:]/.test(name);
}

function pathOf(session: Session, options: ImportOptions): WandbPath {
  const { runId = "", entity, project } = session.run ?? {};
  const path =
    options.project === null
      ? { entity: entity || defaultEntity, project: project || "uncategorized" }
      : { entity: defaultEntity, project: options.project };
  if (!isName(runId) || (options.project === null && ![path.entity, path.project].every(isName))) {
    throw new Error("the name of its run, project or entity is not valid");
  }
  return { ...path, name: runId };
}

async function importFile(work: Work, file: WandbFile, begun: Session): Promise<void> {
  const { context, options, count } = work;
  const path = pathOf(begun, options);
  const project = await findWandbProject(context.database, path);
  if (project?.stage === "deleted")
    throw new Error(`the project ${project.name} is deleted: restore it first`);
  const known = await findWandbRun(context.database, path);
  if (known?.run.stage === "deleted") throw new Error(`run ${known.run.id} is deleted here`);
  const name = projectName(path);
  if (!count.projects.has(name)) count.projects.set(name, project === null);
  if (options.isDryRun) {
    for await (const part of readWandbFile(await chunksOf(file.path))) {
      if (part.kind === "damage") count.leaveOut("W&B files", file.path, `${part.places} damaged places`);
      if (part.kind === "history") count.points.read++;
    }
    count.runs[known ? "there" : "fresh"]++;
    return;
  }
  const about = { person: "", spareId: context.newId(), nowMs: context.now() };
  const opened = await context.write((transaction) => openSessionRun(transaction, path, begun, about));
  const number = opened.run.run.number;
  const before = await countPoints(context.database, number);
  const session = await storeRecords(work, file, number);
  const added = (await countPoints(context.database, number)) - before;
  const files = options.files === null ? 0 : await importFiles(work, options.files, file, number, session);
  count.points.added += added;
  if (opened.isNew) count.runs.fresh++;
  else if (added + files > 0) count.runs.more++;
  else count.runs.there++;
  if (session.damaged > 0)
    count.leaveOut("W&B files", file.path, `${session.damaged} damaged places; the rest came`);
  if (session.artifacts > 0)
    count.notCarried.push({ kind: "W&B artifacts", count: session.artifacts, names: [path.name] });
}

/** Stores the records of a file and returns its session. */
async function storeRecords(
  { context, options, count }: Work,
  file: WandbFile,
  number: number,
): Promise<Session> {
  const session = new Session();
  let place: Awaited<ReturnType<typeof findSessionPlace>> = null;
  const known = await findWandbRun(context.database, { number });
  if (!known) throw new Error("Internal: a run is gone that was just there");
  const lines = [known.historyLines, known.eventLines, known.consoleLines];
  const flush = async (): Promise<void> => {
    const taken = session.takeLines();
    const [first = null] = taken.history;
    place ??= await findSessionPlace(context.database, known, first, session.run?.startedMs ?? null);
    if (place === null)
      throw new Error(
        `run ${known.run.id} is here with other rows: another session of it began with the same step`,
      );
    const at = place;
    place = await context.write((transaction) => keepLines(transaction, number, taken, at, session.ms));
  };
  for await (const part of readWandbFile(await chunksOf(file.path))) {
    session.take(part);
    if (part.kind === "history") count.points.read++;
    const { history, events, console } = session.lines;
    // The position of a session depends on its first history row.
    if (history.length === 0 && place === null && session.exit === null) continue;
    if (history.length + events.length + console.length < batchLines) continue;
    options.signal.throwIfAborted();
    await flush();
  }
  await flush();
  const now = await findWandbRun(context.database, { number });
  const grew = [now?.historyLines, now?.eventLines, now?.consoleLines].some((line, at) => line !== lines[at]);
  const isOpen = known.run.endedMs === null;
  const isOver = context.now() - file.changedMs > inactiveMs;
  if (grew || isOpen) await context.write((transaction) => endSession(transaction, number, session, isOver));
  return session;
}

/** Imports the files of the run's folder, and the summary and machine metadata that a live client would have sent. */
async function importFiles(
  work: Work,
  room: DiskSpace,
  file: WandbFile,
  number: number,
  session: Session,
): Promise<number> {
  const { context, count } = work;
  const root = `runs/${number}`;
  const folder = join(file.folder, "files");
  const source = {
    files: async function* (): AsyncGenerator<MovedFile> {
      for await (const found of filesBelow(file.folder, folder, file.path)) {
        if (isDamage(found)) count.leaveOut("files", file.path, found.reason);
        else yield found;
      }
    },
  };
  const owner = { of: "run", id: session.run?.runId ?? "", project: "" } as const;
  let fresh = await copyFiles({ ...work, source }, room, owner, root);
  const written = {
    "wandb-summary.json": session.summaryText(),
    "wandb-metadata.json": session.metadataText(),
  };
  for (const [name, text] of Object.entries(written)) {
    if (text === null || (await context.artifacts.size(`${root}/${name}`)) !== null) continue;
    const content = async (): Promise<Readable> => Readable.from([Buffer.from(text)]);
    const moved = { path: name, bytes: Buffer.byteLength(text), open: content };
    if (await copyFile(work, room, name, root, moved)) fresh++;
  }
  return fresh;
}

/** Reads a file in chunks. The stream closes the file. */
async function chunksOf(path: string): Promise<AsyncIterable<Buffer>> {
  return (await openRegularFile(path)).createReadStream() as AsyncIterable<Buffer>;
}

/** A file and its run's folder. */
interface WandbFile {
  readonly path: string;
  readonly folder: string;
  /** Time of its last modification. */
  readonly changedMs: number;
}

/** Maximum folder depth. */
const maxDepth = 32;
/** Maximum number of files. */
const maxFiles = 1_000_000;
/** Folders that contain many files but no runs. */
const skippedFolders: ReadonlySet<string> = new Set(["node_modules", ".git", "site-packages"]);

/**
 * Returns the file itself, or all files below a folder in order of name. Does not follow links.
 *
 * @throws {TunewiseError} `MOVE_SOURCE_UNKNOWN` if there are none
 */
async function findWandbFiles(word: string, cwd: string): Promise<WandbFile[]> {
  const unknown = (reason: string): Error =>
    problem("MOVE_SOURCE_UNKNOWN", {
      source: word,
      expected: "a folder with .wandb files, or one such file",
      reason,
      example: "tunewise store import wandb wandb",
    });
  const path = resolve(cwd, word);
  const about = await stat(path).catch(() => null);
  if (about === null) throw unknown("the file or folder does not exist");
  const files: WandbFile[] = [];
  if (about.isFile()) files.push({ path, folder: dirname(path), changedMs: about.mtimeMs });
  else await search(path, files, 0);
  if (files.length === 0) throw unknown("it contains no file that ends in .wandb");
  return files;
}

async function search(folder: string, files: WandbFile[], depth: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (files.length >= maxFiles) return;
    if (entry.isDirectory() && depth < maxDepth && !skippedFolders.has(entry.name))
      await search(path, files, depth + 1);
    if (!entry.isFile() || !entry.name.endsWith(".wandb")) continue;
    files.push({ path, folder, changedMs: (await stat(path)).mtimeMs });
  }
}
