/** @file Differences between scores of runs, as `tunewise compare` finds them, where the answers of the runs are here. */
import { stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { createGate } from "@tunewise/core/untrusted";
import { type ClientKind, recordStore, type TrackedRun } from "@tunewise/tracker";
import { answersPath, readJudgedRows } from "../../scoring/index.ts";
import { type RecordedRun, type ScoreDifferences, scoreDifferences } from "../compare/index.ts";
import { type DashboardContext, folderOf } from "./dashboard-context.ts";
import { findOwn } from "./run-details.ts";

/** Bytes of the answers of one run, and of all runs of a comparison. */
const fileBytesMost = 64 * 1024 ** 2;
const allBytesMost = 128 * 1024 ** 2;
/** Rows times scores: some seconds of resampling, and less than one of them at a time, with pauses in between. */
const rowsMost = 100_000;
const rowsAtOnce = 10_000;
/** Comparisons that are remembered, and that may wait for their turn. */
const keptMost = 50;
const waitingMost = 8;

/** Compares runs, the baseline first; `null`: too many comparisons wait already. */
export type CompareScores = (runs: readonly TrackedRun[]) => Promise<ScoreDifferences | null>;

/** Gives a function that compares one group of runs at a time, and remembers what came of it. */
export function createScoreComparison(context: DashboardContext): CompareScores {
  const gate = createGate(1, waitingMost);
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
        if (kept.size <= keptMost) break;
        kept.delete(oldest);
      }
      return found;
    });
  };
}

/** The file of a run's answers. */
interface AnswersFile {
  readonly bytes: number;
  /** Changes with the file. */
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
      folder !== null && !!file && file.bytes <= fileBytesMost && bytes + file.bytes <= allBytesMost;
    if (isRead) bytes += file.bytes;
    const judged = isRead ? await readJudgedRows(folder).catch(() => null) : null;
    const missing = missingText(file ?? null, isRead);
    recorded.push({ run: record, scores: await store.scores(run.id), judged, missing });
  }
  const [first] = runs;
  if (first && foreign.some(({ run }) => run === first.id)) {
    const others = recorded.map(({ run }) => ({ run: run.id, reason: "the baseline has no answers by row" }));
    return { ways: [], leftOut: [...foreign, ...others], method: "" };
  }
  const found = await scoreDifferences(recorded, { rowsMost, rowsAtOnce, pause: () => setImmediate() });
  return { ...found, leftOut: [...found.leftOut, ...foreign] };
}

const clients: Readonly<Record<ClientKind, string>> = {
  ...{ tunewise: "another machine", mlflow: "MLflow's client", wandb: "W&B's client" },
  ...{ exec: "a command", api: "a program" },
};

/** Why there is no interval: what one value does not tell is not made up. */
function oneValue(client: ClientKind): string {
  return `logged by ${clients[client]}: one value of each score and no answers by row, so that chance cannot be told`;
}

function missingText(file: AnswersFile | null, isRead: boolean): string {
  if (file === null) return "its answers by row are not on this server";
  if (!isRead)
    return `its answers are too large for the page (${Math.round(file.bytes / 1e6)} MB): see \`tunewise compare\``;
  return "its answers cannot be read, or have no outcomes by row";
}
