/**
 * @file Runs of the store are taken out: as tables, as folders of other trackers, or to a tracking server.
 */
import { resolve } from "node:path";
import { problem } from "../../../problem/index.ts";
import {
  chooseRuns,
  findProject,
  mlflowServerTarget,
  readStoredRuns,
  type StoredRun,
  writeMlflowFolder,
  writeRunFolder,
  writeTables,
  writeWholeFolder,
} from "../../../track/index.ts";
import type { Desk } from "../desk.ts";
import { openRest, type SourceAccess } from "./open-mlflow-source.ts";

/** What to take out, and where to. */
export interface HistoryExport extends SourceAccess {
  readonly format: "csv" | "parquet" | "mlflow" | "wandb";
  /** A folder; for `mlflow` the address of a server too. */
  readonly to: string;
  /** Name of a project, or `null` for all. */
  readonly project: string | null;
  /** Experiment of the server that they go to; default: that of each project's name. */
  readonly experiment?: string | null;
  /** Ids, or beginnings of ids; empty: all. */
  readonly runs: readonly string[];
  readonly isForced: boolean;
  /** Name and version of this program. */
  readonly producer: string;
  readonly onRun: (done: number, total: number) => void;
}

/** What was taken out. */
export interface ExportReport {
  /** Without credentials. */
  readonly to: string;
  readonly runs: number;
  /** Runs that were there from before, unchanged. */
  readonly there: number;
  /** Ids of runs that were there and have changed since; they were left as they are. */
  readonly changed: readonly string[];
  /** Files with their rows, where tables were written. */
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  /** Names that the other tracker does not take, and values that it cuts. */
  readonly renamed: readonly { readonly run: string; readonly keys: readonly string[] }[];
}

/**
 * Takes runs out.
 *
 * @throws {TunewiseError} `PROJECT_NOT_FOUND`, `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `MOVE_TARGET_THERE`,
 *   `MOVE_WRITE_FAILED`, `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`
 */
export async function exportHistories(desk: Desk, request: HistoryExport): Promise<ExportReport> {
  const { database } = desk;
  const project = request.project === null ? null : await findProject(database, { name: request.project });
  if (request.project !== null && project === null) {
    throw problem("PROJECT_NOT_FOUND", { project: request.project });
  }
  const numbers = await chooseRuns(database, { project, ids: request.runs }, database.path);
  const isAddress = /^https?:\/\//i.test(request.to);
  if (request.format === "mlflow" && isAddress) return toServer(desk, numbers, request);
  return toFolder(desk, numbers, request);
}

async function toFolder(
  desk: Desk,
  numbers: readonly number[],
  request: HistoryExport,
): Promise<ExportReport> {
  const { database } = desk;
  const { format, isForced, signal } = request;
  const to = resolve(request.cwd, request.to);
  const renamed: { run: string; keys: readonly string[] }[] = [];
  let done = 0;
  const onRun = ({ id }: StoredRun, keys: readonly string[] = []): void => {
    signal.throwIfAborted();
    if (keys.length > 0) renamed.push({ run: id, keys });
    request.onRun(++done, numbers.length);
  };
  const runs = readStoredRuns(database, numbers);
  const files = await writeWholeFolder(to, { isForced }, async (draft) => {
    if (format === "csv" || format === "parquet") return writeTables(draft, format, database, runs, onRun);
    if (format === "mlflow") await writeMlflowFolder(draft, to, database, runs, onRun);
    else {
      for await (const run of runs) {
        await writeRunFolder(draft, database, run, request.producer);
        onRun(run);
      }
    }
    return [];
  });
  return { to, runs: done, there: 0, changed: [], files, renamed };
}

async function toServer(
  desk: Desk,
  numbers: readonly number[],
  request: HistoryExport,
): Promise<ExportReport> {
  const rest = openRest(request.to, request);
  const send = mlflowServerTarget(rest, desk.database, request.isForced, request.experiment);
  const renamed: { run: string; keys: readonly string[] }[] = [];
  const changed: string[] = [];
  let [runs, there, done] = [0, 0, 0];
  for await (const run of readStoredRuns(desk.database, numbers)) {
    request.signal.throwIfAborted();
    const sent = await send(run);
    if (sent.outcome === "sent") runs++;
    else if (sent.outcome === "there") there++;
    else changed.push(run.id);
    if (sent.renamed.length > 0) renamed.push({ run: run.id, keys: sent.renamed });
    request.onRun(++done, numbers.length);
  }
  return { to: rest.place, runs, there, changed, files: [], renamed };
}
