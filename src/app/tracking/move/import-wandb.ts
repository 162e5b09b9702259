/**
 * @file Runs come in from `.wandb` files, as if their clients had sent them. A file that still grows gives what it has;
 * what is damaged is left out and named.
 */
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { TunewiseError } from "../../../problem/index.ts";
import { countOf } from "../../../quantity/index.ts";
import {
  countPoints,
  defaultEntity,
  endSession,
  filesBelow,
  findSessionPlace,
  findWandbProject,
  findWandbRun,
  isDamage,
  keepLines,
  type MovedFile,
  openSessionRun,
  projectName,
  readWandbFile,
  Session,
  type WandbPath,
} from "../../../track/index.ts";
import { openRegularFile } from "../../../untrusted/index.ts";
import type { Desk } from "../desk.ts";
import { bringFile, bringFiles, type FileRoom } from "./bring-files.ts";
import { findWandbFiles, type WandbFile } from "./find-wandb-files.ts";
import type { ImportOptions } from "./import-history.ts";
import { ImportCount, type ImportReport } from "./import-report.ts";

/** Lines of one transaction. */
const linesAtOnce = 500;
/** A file that was not written to for so long belongs to a run that is over. */
const silentMs = 3_600_000;

/** What the steps share. */
interface Work {
  readonly desk: Desk;
  readonly options: ImportOptions;
  readonly count: ImportCount;
}

/**
 * Imports every `.wandb` file of a place, sessions of a run in their order.
 *
 * @throws {TunewiseError} `MOVE_SOURCE_UNKNOWN`, `MOVE_NO_ROOM`, `STORE_BUSY`, `STORE_WRITE_FAILED`
 */
export async function importWandb(
  word: string,
  cwd: string,
  desk: Desk,
  options: ImportOptions,
): Promise<ImportReport> {
  const count = new ImportCount();
  const work: Work = { desk, options, count };
  const files = await findWandbFiles(word, cwd);
  for (const { file, session } of await inOrder(files, count)) {
    if (options.signal.aborted) break;
    try {
      await importFile(work, file, session);
    } catch (error) {
      if (options.signal.aborted) break;
      if (TunewiseError.is(error) && /^(STORE_|ARTIFACT_|MOVE_NO_ROOM)/.test(error.code)) throw error;
      count.leaveOut(file.path, error instanceof Error ? error.message : String(error));
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

/** Files with the beginning of their sessions; those that begin with no run are left out. */
async function inOrder(
  files: readonly WandbFile[],
  count: ImportCount,
): Promise<{ readonly file: WandbFile; readonly session: Session }[]> {
  const begun: { readonly file: WandbFile; readonly session: Session }[] = [];
  for (const file of files) {
    const session = new Session();
    let records = 0;
    try {
      for await (const part of readWandbFile(await piecesOf(file.path))) {
        session.take(part);
        if (session.run !== null || ++records > recordsBeforeRun) break;
      }
    } catch (error) {
      count.leaveOut(file.path, error instanceof Error ? error.message : String(error));
      continue;
    }
    if (session.run === null) count.leaveOut(file.path, "it does not begin with a run");
    else begun.push({ file, session });
  }
  return begun.sort((a, b) => (a.session.run?.startedMs ?? 0) - (b.session.run?.startedMs ?? 0));
}

/** Records before the one that names the run: a few. */
const recordsBeforeRun = 1000;

/** Names as the server takes them. @source the limit is W&B's own */
function isName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control letters are what is looked for
  return name !== "" && name.length <= 128 && !/[\u0000-\u001f\u007f/\\#?%:]/.test(name);
}

function pathOf(session: Session, options: ImportOptions): WandbPath {
  const { runId = "", entity, project } = session.run ?? {};
  const path =
    options.project === null
      ? { entity: entity || defaultEntity, project: project || "uncategorized" }
      : { entity: defaultEntity, project: options.project };
  if (!isName(runId) || (options.project === null && ![path.entity, path.project].every(isName))) {
    throw new Error("its run, its project or its entity has no name that can be kept");
  }
  return { ...path, name: runId };
}

async function importFile(work: Work, file: WandbFile, begun: Session): Promise<void> {
  const { desk, options, count } = work;
  const path = pathOf(begun, options);
  const project = await findWandbProject(desk.database, path);
  if (project?.stage === "deleted")
    throw new Error(`the project ${project.name} is deleted: restore it first`);
  const known = await findWandbRun(desk.database, path);
  if (known?.run.stage === "deleted") throw new Error(`run ${known.run.id} is deleted here`);
  const name = projectName(path);
  if (!count.projects.has(name)) count.projects.set(name, project === null);
  if (options.isDryRun) {
    for await (const part of readWandbFile(await piecesOf(file.path))) {
      if (part.kind === "damage") count.leaveOut(file.path, `${part.places} damaged places`);
      if (part.kind === "history") count.points.read++;
    }
    count.runs[known ? "there" : "fresh"]++;
    return;
  }
  const about = { person: "", spareId: desk.newId(), nowMs: desk.now() };
  const opened = await desk.write((transaction) => openSessionRun(transaction, path, begun, about));
  const number = opened.run.run.number;
  const before = await countPoints(desk.database, number);
  const session = await keepRecords(work, file, number);
  const added = (await countPoints(desk.database, number)) - before;
  const files = options.files === null ? 0 : await importFiles(work, options.files, file, number, session);
  count.points.added += added;
  if (opened.isNew) count.runs.fresh++;
  else if (added + files > 0) count.runs.more++;
  else count.runs.there++;
  if (session.damaged > 0) count.leaveOut(file.path, `${session.damaged} damaged places; the rest came`);
  if (session.artifacts > 0)
    count.note(`${path.name} logged ${countOf(session.artifacts, "artifact")}: their files lie elsewhere`);
}

/** Keeps the records of a file; gives all that they said. */
async function keepRecords(
  { desk, options, count }: Work,
  file: WandbFile,
  number: number,
): Promise<Session> {
  const session = new Session();
  let place: Awaited<ReturnType<typeof findSessionPlace>> = null;
  const known = await findWandbRun(desk.database, { number });
  if (!known) throw new Error("Internal: a run is gone that was just there");
  const lines = [known.historyLines, known.eventLines, known.consoleLines];
  const keep = async (): Promise<void> => {
    const taken = session.takeLines();
    const [first = null] = taken.history;
    place ??= await findSessionPlace(desk.database, known, first, session.run?.startedMs ?? null);
    if (place === null)
      throw new Error(
        `run ${known.run.id} is here with other rows: another session of it began with the same step`,
      );
    const at = place;
    place = await desk.write((transaction) => keepLines(transaction, number, taken, at, session.ms));
  };
  for await (const part of readWandbFile(await piecesOf(file.path))) {
    session.take(part);
    if (part.kind === "history") count.points.read++;
    const { history, events, console } = session.lines;
    // The first row of history says where a session belongs.
    if (history.length === 0 && place === null && session.exit === null) continue;
    if (history.length + events.length + console.length < linesAtOnce) continue;
    options.signal.throwIfAborted();
    await keep();
  }
  await keep();
  const now = await findWandbRun(desk.database, { number });
  const grew = [now?.historyLines, now?.eventLines, now?.consoleLines].some((line, at) => line !== lines[at]);
  const isOpen = known.run.endedMs === null;
  const isOver = desk.now() - file.changedMs > silentMs;
  if (grew || isOpen) await desk.write((transaction) => endSession(transaction, number, session, isOver));
  return session;
}

/** Files of the run's folder, and what a live client writes down about the machine and the summary. */
async function importFiles(
  work: Work,
  room: FileRoom,
  file: WandbFile,
  number: number,
  session: Session,
): Promise<number> {
  const { desk, count } = work;
  const root = `runs/${number}`;
  const folder = join(file.folder, "files");
  const source = {
    files: async function* (): AsyncGenerator<MovedFile> {
      for await (const found of filesBelow(file.folder, folder, file.path)) {
        if (isDamage(found)) count.leaveOut(file.path, found.reason);
        else yield found;
      }
    },
  };
  const owner = { of: "run", id: session.run?.runId ?? "", project: "" } as const;
  let fresh = await bringFiles({ ...work, source }, room, owner, root);
  const written = {
    "wandb-summary.json": session.summaryText(),
    "wandb-metadata.json": session.metadataText(),
  };
  for (const [name, text] of Object.entries(written)) {
    if (text === null || (await desk.artifacts.size(`${root}/${name}`)) !== null) continue;
    const content = async (): Promise<Readable> => Readable.from([Buffer.from(text)]);
    const moved = { path: name, bytes: Buffer.byteLength(text), open: content };
    if (await bringFile(work, room, `file ${name}`, root, moved)) fresh++;
  }
  return fresh;
}

/** The bytes of a file as they are read; the stream closes it. */
async function piecesOf(path: string): Promise<AsyncIterable<Buffer>> {
  return (await openRegularFile(path)).createReadStream() as AsyncIterable<Buffer>;
}
