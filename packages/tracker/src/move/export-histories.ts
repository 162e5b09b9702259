/** @file Exports runs as tables, as folders of other trackers, or to a tracking server. */
import { resolve } from "node:path";
import { problem } from "../problem/index.ts";
import { findProject } from "../tracking/projects.ts";
import { resolveRunId } from "../tracking/run-reference.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { type NotCarried, Tally } from "./history.ts";
import { writeMlflowFolder } from "./mlflow/folder-target.ts";
import { mlflowServerTarget } from "./mlflow/server-target.ts";
import { listNotCarried } from "./not-carried.ts";
import { openRest, type SourceAccess } from "./open-mlflow-source.ts";
import { chooseRuns, readStoredRuns, type StoredRun } from "./stored-runs.ts";
import { writeTables, writeWholeFolder } from "./tables/write-tables.ts";
import { writeRunFolder } from "./wandb/write-run-folder.ts";

/** Selection, format and target of an export. */
export interface HistoryExport extends SourceAccess {
  readonly format: "csv" | "parquet" | "mlflow" | "wandb";
  /** A folder or, for `mlflow`, the address of a server. */
  readonly to: string;
  /** Name of a project, or `null` for all. */
  readonly project: string | null;
  /** Target experiment on the server; defaults to the name of each project. */
  readonly experiment?: string | null;
  /** Ids or prefixes of ids; empty for all runs. */
  readonly runs: readonly string[];
  readonly isForced: boolean;
  /** Whether to only report what would be exported, and what would not. */
  readonly isDryRun?: boolean;
  /** Name and version of this program. */
  readonly producer: string;
  /** Called before anything is written. */
  readonly onPlan?: (plan: Pick<ExportReport, "runs" | "notCarried">) => void;
  readonly onRun: (done: number, total: number) => void;
}

/** Result of an export. */
export interface ExportReport {
  /** Without credentials. */
  readonly to: string;
  readonly isDryRun: boolean;
  readonly runs: number;
  /** Runs that already existed at the target, unchanged. */
  readonly there: number;
  /** Ids of runs that already existed at the target and have changed since. They are not overwritten. */
  readonly changed: readonly string[];
  /** Table files with their numbers of rows. */
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  /** Keys that are renamed or truncated for the other tracker. */
  readonly renamed: readonly { readonly run: string; readonly keys: readonly string[] }[];
  /** Items that the format or this export does not include. */
  readonly notCarried: readonly NotCarried[];
}

/**
 * Exports runs.
 *
 * @throws {TunewiseError} `PROJECT_NOT_FOUND`, `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `MOVE_TARGET_THERE`,
 *   `MOVE_WRITE_FAILED`, `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`
 */
export async function exportHistories(
  context: TrackingContext,
  request: HistoryExport,
): Promise<ExportReport> {
  const { database } = context;
  const project = request.project === null ? null : await findProject(database, { name: request.project });
  if (request.project !== null && project === null) {
    throw problem("PROJECT_NOT_FOUND", { project: request.project });
  }
  const ids = await Promise.all(
    request.runs.map(async (word) => (word === "latest" ? resolveRunId(database, word) : word)),
  );
  const choice = { project, ids };
  const numbers = await chooseRuns(database, choice, database.path);
  const { format } = request;
  const shape = format === "csv" || format === "parquet" ? "tables" : format;
  const notCarried = await listNotCarried(context, shape, choice, readStoredRuns(database, numbers));
  request.onPlan?.({ runs: numbers.length, notCarried });
  const isServer = format === "mlflow" && /^https?:\/\//i.test(request.to);
  if (request.isDryRun) {
    const to = isServer ? openRest(request.to, request).place : resolve(request.cwd, request.to);
    const runs = numbers.length;
    return { to, isDryRun: true, runs, there: 0, changed: [], files: [], renamed: [], notCarried };
  }
  const sent = await (isServer ? toServer : toFolder)(context, numbers, request);
  return { ...sent, isDryRun: false, notCarried: [...notCarried, ...sent.notCarried] };
}

/** The exported items, and those that could not be exported. */
type Sent = Omit<ExportReport, "isDryRun">;

async function toFolder(
  context: TrackingContext,
  numbers: readonly number[],
  request: HistoryExport,
): Promise<Sent> {
  const { database } = context;
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
    if (format === "csv" || format === "parquet") return writeTables(draft, format, context, runs, onRun);
    if (format === "mlflow") await writeMlflowFolder(draft, to, context, runs, onRun);
    else {
      for await (const run of runs) {
        await writeRunFolder(draft, context, run, request.producer);
        onRun(run);
      }
    }
    return [];
  });
  return { to, runs: done, there: 0, changed: [], files, renamed, notCarried: [] };
}

async function toServer(
  context: TrackingContext,
  numbers: readonly number[],
  request: HistoryExport,
): Promise<Sent> {
  const rest = openRest(request.to, request);
  const send = mlflowServerTarget(rest, context, request.isForced, request.experiment);
  const renamed: { run: string; keys: readonly string[] }[] = [];
  const changed: string[] = [];
  const unsent = new Tally("files that the server does not take");
  let [runs, there, done] = [0, 0, 0];
  for await (const run of readStoredRuns(context.database, numbers)) {
    request.signal.throwIfAborted();
    const sent = await send(run);
    if (sent.outcome === "sent") runs++;
    else if (sent.outcome === "there") there++;
    else changed.push(run.id);
    if (sent.renamed.length > 0) renamed.push({ run: run.id, keys: sent.renamed });
    for (const path of sent.unsent) unsent.add(`${run.id}/${path}`);
    request.onRun(++done, numbers.length);
  }
  const notCarried = unsent.count > 0 ? [unsent.total()] : [];
  return { to: rest.place, runs, there, changed, files: [], renamed, notCarried };
}
