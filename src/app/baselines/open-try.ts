/**
 * @file A try's place in the record: its folder, its line among the runs, its ledger. An interrupted one is gone on
 *   with.
 */
import { randomUUID } from "node:crypto";
import { cp, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Prepared } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { seconds, type Usd } from "../../quantity/index.ts";
import { effectiveConfiguration } from "../../recipe/index.ts";
import type { Run, RunStatus } from "../../run/index.ts";
import type { Host } from "../../runtime/index.ts";
import {
  createRunFolder,
  makeRunId,
  openRuns,
  type RunFolder,
  runFolderAt,
  type ScoreEntry,
  type Store,
  type TotalSpend,
  takeLock,
  writeWholeFile,
} from "../../track/index.ts";
import { Meter, type TrySummary, tryOf } from "../runs/index.ts";

/** A try at work. */
export interface OpenTry {
  readonly runId: string;
  readonly createdAt: string;
  readonly folder: RunFolder;
  readonly output: string;
  readonly store: Store;
  /** Of this machine's time. */
  readonly meter: Meter;
  /** All that was spent so far: time here, and what APIs took. */
  readonly spentUsd: () => Usd;
  /** Whether answers of an earlier sitting lie in the folder. */
  readonly isResumed: boolean;
  /** The command that goes on with it, and what APIs may still take at most. */
  readonly again: TryRequest["again"];
  /**
   * Brings the ledger up to now. `paid` is what APIs took since the last call: it stands in the ledger already, in the
   * transaction that settled it in the purse, and counts towards the cap.
   */
  book(kind: string, paid: Usd): Promise<void>;
  /** Books for the last time and gives the ledger's sums, which the report shows: nothing is metered after it. */
  finalSpend(): Promise<TotalSpend>;
}

/** What a try is known by. */
export interface TryRequest {
  readonly prepared: Prepared;
  readonly output: string;
  /** SHA-256 of all that decides its answers. */
  readonly fingerprint: string;
  /** SHA-256 of what the decision rests on beside them. */
  readonly decided: string;
  readonly host: Host;
  /** Answer everything anew although the same was tried before. */
  readonly isAnew: boolean;
  /** The command that goes on with it, and dollars that APIs may take at most. */
  readonly again: { readonly command: string; readonly mostUsd: number };
}

/** How a try ended, for the record. */
export interface TryEnd<Result> {
  readonly status: RunStatus;
  readonly result: Result;
  readonly scores: readonly Omit<ScoreEntry, "runId">[];
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Earlier tries that are looked through. */
const looked = 500;

/** The folder of a completed try that is the same; `null`: there is none. */
export async function findCompletedTry(
  output: string,
  { fingerprint, decided }: Pick<TryRequest, "fingerprint" | "decided">,
): Promise<{ readonly run: Run; readonly folder: RunFolder } | null> {
  await mkdir(output, { recursive: true }); // a try may be the first thing that is done here
  const store = await openRuns(output);
  try {
    const runs = await store.listRuns({ status: "completed", limit: looked });
    const run = runs.find((one) => isSame(tryOf(one), fingerprint, decided));
    return run === undefined ? null : { run, folder: runFolderAt(join(output, "runs", run.id)) };
  } finally {
    await store.close();
  }
}

/**
 * Does `work` in a try's folder and notes down how it ended.
 *
 * @throws {TunewiseError} `RUN_LOCKED` where another process works on the same try
 */
export async function withTry<Result>(
  request: TryRequest,
  work: (open: OpenTry) => Promise<TryEnd<Result>>,
): Promise<Result> {
  const { host, output, fingerprint, decided } = request;
  const store = await openRuns(output);
  try {
    const { run, folder, isResumed } = await placeOf(request, store);
    const lock = await takeLock(folder.lock, host.processes, host.now(), randomUUID());
    try {
      const meter = new Meter(
        host.elapsedSeconds,
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
        again: request.again,
        ...ledger,
      };
      const change = (status: RunStatus, facts: object = {}) => ({
        status,
        endedAt: host.now().toISOString(),
        summary: JSON.stringify({ kind: "arms", fingerprint, decided, ...facts }),
      });
      try {
        const { status, result, scores, facts } = await work(open);
        await store.record({
          run: { id: run.id, change: change(status, facts) },
          scores: scores.map((score) => ({ runId: run.id, ...score })),
        });
        return result;
      } catch (error) {
        const isSpent = TunewiseError.is(error) && error.code === "ARMS_BUDGET_SPENT";
        const status = host.signal.aborted ? "interrupted" : isSpent ? "stopped" : "failed";
        await ledger.book("arms", 0 as Usd).catch(() => undefined);
        await store.record({ run: { id: run.id, change: change(status) } }).catch(() => undefined);
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
  { host, prepared }: TryRequest,
  store: Store,
  runId: string,
  meter: Meter,
): Pick<OpenTry, "book" | "spentUsd" | "finalSpend"> {
  let paidInAll = 0;
  let isFinal = false;
  const book: OpenTry["book"] = async (kind, paid) => {
    paidInAll += paid;
    if (isFinal) return;
    const { duration, spent } = meter.book();
    const time = host.now().toISOString();
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
    book,
    spentUsd: () => (meter.spentUsd + paidInAll) as Usd,
    finalSpend: async () => {
      await book("arms", 0 as Usd);
      isFinal = true;
      return store.totalSpend(runId);
    },
  };
}

/** The unfinished try of the same kind, or a new one. */
async function placeOf(
  { prepared, output, fingerprint, decided, host, isAnew }: TryRequest,
  store: Store,
): Promise<{ readonly run: Run; readonly folder: RunFolder; readonly isResumed: boolean }> {
  const known = isAnew ? [] : await store.listRuns({ limit: looked });
  const open = known.find((run) => run.status !== "completed" && isSame(tryOf(run), fingerprint, decided));
  if (open) {
    const change = { status: "running" as const, endedAt: null };
    await store.record({ run: { id: open.id, change } });
    return { run: open, folder: runFolderAt(join(output, "runs", open.id)), isResumed: true };
  }
  const { recipe, loaded, model, dataFingerprint } = prepared;
  const created = host.now();
  const id = makeRunId(`${recipe.name}-arms`, created, host.random());
  const configuration = effectiveConfiguration(recipe);
  const folder = await createRunFolder(output, id, { recipeText: loaded.text, configuration });
  await writeWholeFile(folder.origin, `${JSON.stringify({ recipe_path: loaded.path })}\n`);
  const run: Run = {
    ...{ id, name: recipe.name, status: "running", createdAt: created.toISOString(), endedAt: null },
    ...{ recipeText: loaded.text, configuration, dataFingerprint },
    ...{ model: recipe.model.source, modelRevision: model.revision, versions: JSON.stringify(host.versions) },
    ...{ folder: join("runs", id), wallSeconds: 0, spentMicroUsd: 0 },
    summary: JSON.stringify({ kind: "arms", fingerprint, decided }),
  };
  await store.createRun(run);
  const alike = known.find((one) => tryOf(one)?.fingerprint === fingerprint);
  if (alike) await takeAnswers(runFolderAt(join(output, "runs", alike.id)), folder);
  return { run, folder, isResumed: false };
}

/** A try that differs in what it decides by alone takes the answers of the other. */
async function takeAnswers(from: RunFolder, to: RunFolder): Promise<void> {
  const source = join(from.path, "arms");
  const isThere = await stat(source).catch(() => null);
  if (isThere?.isDirectory()) await cp(source, join(to.path, "arms"), { recursive: true });
}

function isSame(found: TrySummary | null, fingerprint: string, decided: string): boolean {
  return found !== null && found.fingerprint === fingerprint && found.decided === decided;
}
