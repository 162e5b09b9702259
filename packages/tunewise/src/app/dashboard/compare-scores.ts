/** @file Score differences between runs, as in `tunewise compare`, if this server has the runs' answers. */
import { stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { createGate } from "@tunewise/core/untrusted";
import { type ClientKind, recordStore, type TrackedRun } from "@tunewise/tracker";
import { answersPath, readJudgedRows } from "../../scoring/index.ts";
import { type RecordedRun, type ScoreDifferences, scoreDifferences } from "../compare/index.ts";
import { type DashboardContext, folderOf } from "./dashboard-context.ts";
import { findOwn } from "./run-details.ts";

/** Maximum bytes of answers per run, and per comparison. */
const maxFileBytes = 64 * 1024 ** 2;
const maxAllBytes = 128 * 1024 ** 2;
/** Maximum rows × scores. Bounds resampling to a few seconds in total and less than one second between pauses. */
const maxRows = 100_000;
const rowsAtOnce = 10_000;
/** Maximum numbers of cached and of waiting comparisons. */
const maxKept = 50;
const maxWaiting = 8;

/** Compares runs; the first is the baseline. Returns `null` if too many comparisons are waiting. */
export type CompareScores = (runs: readonly TrackedRun[]) => Promise<ScoreDifferences | null>;

/** Creates a function that runs one comparison at a time and caches the results. */
export function createScoreComparison(context: DashboardContext): CompareScores {
  const gate = createGate(1, maxWaiting);
  const kept = new Map<string, ScoreDifferences>();
  return async (runs) => {
    const files = await Promise.all(runs.map((run) => answersOf(context, run)));
    const key = JSON.stringify(runs.map(({ id, status }, at) => [id, status, files[at]?.version]));
    const known = kept.get(key);
    if (known) return known;
    return gate(async () => {
      const found = kept.get(key) ?? (await compare(context, runs, files));
      kept.delete(key);
      kept.set(key, found);
      for (const oldest of kept.keys()) {
        if (kept.size <= maxKept) break;
        kept.delete(oldest);
      }
      return found;
    });
  };
}

/** A run's answers file. */
interface AnswersFile {
  readonly bytes: number;
  /** Changes whenever the file changes. */
  readonly version: string;
}

async function answersOf(context: DashboardContext, run: TrackedRun): Promise<AnswersFile | null> {
  const folder = folderOf(context, run);
  const found = folder && (await stat(answersPath(folder)).catch(() => null));
  return found ? { bytes: found.size, version: `${found.mtimeMs} ${found.size}` } : null;
}

async function compare(
  context: DashboardContext,
  runs: readonly TrackedRun[],
  files: readonly (AnswersFile | null)[],
): Promise<ScoreDifferences> {
  const store = recordStore(context.database);
  const recorded: RecordedRun[] = [];
  const foreign: { run: string; reason: string }[] = [];
  let bytes = 0;
  for (const [at, run] of runs.entries()) {
    const record = run.client === "tunewise" ? await findOwn(context.database, run.id) : null;
    if (!record) {
      foreign.push({ run: run.id, reason: oneValue(run.client) });
      continue;
    }
    const [folder, file] = [folderOf(context, run), files[at]];
    const isRead =
      folder !== null && !!file && file.bytes <= maxFileBytes && bytes + file.bytes <= maxAllBytes;
    if (isRead) bytes += file.bytes;
    const judged = isRead ? await readJudgedRows(folder).catch(() => null) : null;
    const missing = missingText(file ?? null, isRead);
    recorded.push({ run: record, scores: await store.scores(run.id), judged, missing });
  }
  const [first] = runs;
  if (first && foreign.some(({ run }) => run === first.id)) {
    const others = recorded.map(({ run }) => ({ run: run.id, reason: "the baseline has no answers by row" }));
    return { variants: [], leftOut: [...foreign, ...others], method: "" };
  }
  const found = await scoreDifferences(recorded, { maxRows, rowsAtOnce, pause: () => setImmediate() });
  return { ...found, leftOut: [...found.leftOut, ...foreign] };
}

const clients: Readonly<Record<ClientKind, string>> = {
  tunewise: "another machine",
  mlflow: "MLflow's client",
  wandb: "W&B's client",
  exec: "a command",
  api: "a program",
};

/** Why there is no interval. A single value carries no information about chance. */
function oneValue(client: ClientKind): string {
  return `logged by ${clients[client]}: one value of each score and no answers by row, so that chance cannot be told`;
}

function missingText(file: AnswersFile | null, isRead: boolean): string {
  if (file === null) return "its answers by row are not on this server";
  if (!isRead)
    return `its answers are too large for the page (${Math.round(file.bytes / 1e6)} MB): see \`tunewise compare\``;
  return "its answers cannot be read, or have no outcomes by row";
}
