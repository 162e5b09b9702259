/** @file Opens a try as a recorded run with a folder and a ledger. Resumes an interrupted try. */
import { randomUUID } from "node:crypto";
import { cp, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { seconds, type Usd } from "@tunewise/core/quantity";
import { type Run, type RunStatus, type StopCause, type TrySummary, tryOf } from "@tunewise/core/run";
import {
  openRuns,
  type RunFolder,
  runFolderAt,
  type ScoreEntry,
  type Store,
  type TotalSpend,
  takeLock,
} from "@tunewise/tracker";
import type { Prepared } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { capsTags, createRun, Meter, outerLaunch } from "../runs/index.ts";

/** A running try. */
export interface OpenTry {
  readonly runId: string;
  readonly createdAt: string;
  readonly folder: RunFolder;
  readonly output: string;
  readonly store: Store;
  /** Meters this machine's time. */
  readonly meter: Meter;
  /** Total cost so far: machine time and APIs. */
  readonly spentUsd: () => Usd;
  /** Whether the folder has answers from an earlier execution. */
  readonly isResumed: boolean;
  /** The command that resumes the try, and the maximum further API cost. */
  readonly resume: TryRequest["resume"];
  /**
   * Updates the ledger. `paid` is the amount paid to APIs since the last call. The ledger already contains it, because
   * the transaction that settled it in the account wrote it. It counts towards the cap.
   */
  recordSpend(kind: string, paid: Usd): Promise<void>;
  /** Updates the ledger one last time and returns its totals for the report. Nothing is metered afterwards. */
  finalSpend(): Promise<TotalSpend>;
}

/** Identity and inputs of a try. */
export interface TryRequest {
  readonly prepared: Prepared;
  readonly output: string;
  /** SHA-256 of everything that determines the answers. */
  readonly fingerprint: string;
  /** SHA-256 of the additional inputs of the decision. */
  readonly decided: string;
  readonly runtime: Runtime;
  /** Whether to answer everything again even if the same try exists. */
  readonly isFresh: boolean;
  /** The command that resumes the try, and the maximum API cost in dollars. */
  readonly resume: { readonly command: string; readonly maxUsd: number };
}

/** Outcome of a try, as recorded. */
export interface TryEnd<Result> {
  readonly status: RunStatus;
  readonly result: Result;
  readonly scores: readonly Omit<ScoreEntry, "runId">[];
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Maximum number of earlier tries to examine. */
const maxRuns = 500;

/** Returns an identical completed try, or `null`. */
export async function findCompletedTry(
  output: string,
  { fingerprint, decided }: Pick<TryRequest, "fingerprint" | "decided">,
): Promise<{ readonly run: Run; readonly folder: RunFolder } | null> {
  await mkdir(output, { recursive: true }); // a try may be the first command in this folder, which then does not exist
  const store = await openRuns(output);
  try {
    const runs = await store.listRuns({ status: "completed", limit: maxRuns });
    const run = runs.find((one) => isSame(tryOf(one), fingerprint, decided));
    return run === undefined ? null : { run, folder: runFolderAt(join(output, "runs", run.id)) };
  } finally {
    await store.close();
  }
}

/**
 * Runs `work` in a try's folder and records the outcome.
 *
 * @throws {TunewiseError} `RUN_LOCKED` if another process runs the same try
 */
export async function withTry<Result>(
  request: TryRequest,
  work: (open: OpenTry) => Promise<TryEnd<Result>>,
): Promise<Result> {
  const { runtime, output, fingerprint, decided } = request;
  const store = await openRuns(output);
  try {
    const { run, folder, isResumed } = await openRun(request, store);
    const lock = await takeLock(folder.lock, runtime.processes, runtime.now(), randomUUID());
    try {
      const meter = new Meter(
        runtime.elapsedSeconds,
        request.prepared.recipe.machine.usdPerHour,
        await store.totalSpend(run.id),
      );
      const ledger = ledgerOf(request, store, run.id, meter);
      const open = {
        runId: run.id,
        createdAt: run.createdAt,
        folder,
        output,
        store,
        meter,
        isResumed,
        resume: request.resume,
        ...ledger,
      };
      const change = (status: RunStatus, facts: object = {}, stoppedBy?: StopCause) => ({
        status,
        ...(stoppedBy && { stoppedBy }),
        endedAt: runtime.now().toISOString(),
        summary: JSON.stringify({ kind: "arms", fingerprint, decided, ...facts }),
      });
      try {
        const { status, result, scores, facts } = await work(open);
        await store.record({
          // an endpoint failure stops the try, and the same command continues it once the endpoint answers
          run: { id: run.id, change: change(status, facts, status === "stopped" ? "fault" : undefined) },
          scores: scores.map((score) => ({ runId: run.id, ...score })),
        });
        return result;
      } catch (error) {
        const isSpent = TunewiseError.is(error) && error.code === "ARMS_BUDGET_SPENT";
        const status = runtime.signal.aborted ? "interrupted" : isSpent ? "stopped" : "failed";
        await ledger.recordSpend("arms", 0 as Usd).catch(() => undefined);
        const cause = runtime.signal.aborted ? "person" : isSpent ? "cap" : "fault";
        await store.record({ run: { id: run.id, change: change(status, {}, cause) } }).catch(() => undefined);
        throw error;
      }
    } finally {
      await lock.release();
    }
  } finally {
    await store.close();
  }
}

function ledgerOf(
  { runtime, prepared }: TryRequest,
  store: Store,
  runId: string,
  meter: Meter,
): Pick<OpenTry, "recordSpend" | "spentUsd" | "finalSpend"> {
  let totalPaid = 0;
  let isFinal = false;
  const recordSpend: OpenTry["recordSpend"] = async (kind, paid) => {
    totalPaid += paid;
    if (isFinal) return;
    const { duration, spent } = meter.book();
    const time = runtime.now().toISOString();
    const line = { runId, time, priceSource: prepared.recipe.machine.source, kind, spent, duration };
    const before = await store.totalSpend(runId);
    await store.record({
      run: {
        id: runId,
        change: {
          wallSeconds: seconds(before.duration + duration),
          spentMicroUsd: (before.spent + spent) as Usd,
        },
      },
      spend: [{ ...line, priceUsdPerHour: meter.priceUsdPerHour }],
    });
  };
  return {
    recordSpend,
    spentUsd: () => (meter.spentUsd + totalPaid) as Usd,
    finalSpend: async () => {
      await recordSpend("arms", 0 as Usd);
      isFinal = true;
      return store.totalSpend(runId);
    },
  };
}

/** Opens the unfinished identical try, or a new one. */
async function openRun(
  { prepared, output, fingerprint, decided, runtime, isFresh }: TryRequest,
  store: Store,
): Promise<{ readonly run: Run; readonly folder: RunFolder; readonly isResumed: boolean }> {
  const known = isFresh ? [] : await store.listRuns({ limit: maxRuns });
  const open = known.find((run) => run.status !== "completed" && isSame(tryOf(run), fingerprint, decided));
  if (open) {
    const change = { status: "running" as const, endedAt: null };
    await store.record({ run: { id: open.id, change }, tags: capsTags(open, prepared.recipe.budget) });
    return { run: open, folder: runFolderAt(join(output, "runs", open.id)), isResumed: true };
  }
  const { name } = prepared.recipe;
  const usual = { idName: `${name}-arms`, name: `${name} try` };
  const summary = { kind: "arms", fingerprint, decided };
  const { run, folder } = await createRun({ prepared, output, usual, summary }, runtime);
  await store.createRun(run, undefined, outerLaunch(runtime));
  const alike = known.find((one) => tryOf(one)?.fingerprint === fingerprint);
  if (alike) await copyAnswers(runFolderAt(join(output, "runs", alike.id)), folder);
  return { run, folder, isResumed: false };
}

/** Copies the answers from a try that differs only in its decision. */
async function copyAnswers(from: RunFolder, to: RunFolder): Promise<void> {
  const source = join(from.path, "arms");
  const isThere = await stat(source).catch(() => null);
  if (isThere?.isDirectory()) await cp(source, join(to.path, "arms"), { recursive: true });
}

function isSame(found: TrySummary | null, fingerprint: string, decided: string): boolean {
  return found !== null && found.fingerprint === fingerprint && found.decided === decided;
}
