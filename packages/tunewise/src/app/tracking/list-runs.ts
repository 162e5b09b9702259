/** @file `tunewise runs list`: lists recorded runs of all clients, newest first. */

import { resolve } from "node:path";
import { type RunKind, type StopCause, trialOf, tryOf } from "@tunewise/core/run";
import {
  type ClientKind,
  type Database,
  defaultOutput,
  findProject,
  headlineOf,
  isAddress,
  type Purpose,
  type Reader,
  type RunCondition,
  readParams,
  readScores,
  readSummary,
  type ScoreEntry,
  searchRuns,
  secondsOfRun,
  silentMs,
  type TrackedRun,
  type TrackedStatus,
  withExistingStore,
} from "@tunewise/tracker";
import type { Decision } from "../../evaluate/index.ts";
import { verdictTitle } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { runIdsIn } from "../runs/index.ts";
import { settleMeters } from "./launches/reconcile-launches.ts";
import { resultMetrics } from "./result-metrics.ts";
import { withSettledStore } from "./settled-store.ts";

/** Selection of runs. */
export interface RunsRequest {
  /** A folder of runs or the address of a database. */
  readonly store?: string;
  readonly project?: string;
  readonly client?: ClientKind;
  readonly status?: TrackedStatus;
  /** Whether to list the trials of searches individually. By default each search has one summary line. */
  readonly trials?: boolean;
  /** Defaults to 20. */
  readonly limit?: number;
}

/** A run with its headline. Times are ISO 8601. */
export interface ListedRun {
  readonly id: string;
  readonly kind: RunKind;
  readonly client: ClientKind;
  readonly project: string;
  readonly name: string;
  readonly person: string;
  readonly purpose: Purpose;
  readonly status: TrackedStatus;
  /** Why the run stopped or is about to stop early; `null` if it was not stopped or the cause is unknown. */
  readonly stoppedBy: StopCause | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** As defined by `secondsOfRun`. */
  readonly seconds: number;
  /** Seconds since the last report of a run that has not ended; `null` if it has ended or reported recently. */
  readonly silentSeconds: number | null;
  readonly spentMicroUsd: number;
  /** Latest held-out result, such as `eval_loss 0.2`; `null` if it logged nothing. */
  readonly result: string | null;
  /** Scores; only for this engine's own runs. */
  readonly scores: readonly ScoreEntry[];
  /** Hyperparameters by the client's names. */
  readonly params: Readonly<Record<string, string>>;
  /** Result of a try; `null` for other runs. */
  readonly comparison: ListedComparison | null;
}

/** Result of a comparison of the tuned model with cheaper baselines. */
export interface ListedComparison {
  /** `null` if the comparison has not finished. */
  readonly verdict: Decision["verdict"] | null;
  readonly arm: string | null;
  readonly isInvalid: boolean;
  /** The verdict as a sentence. */
  readonly title: string;
}

/** Returns the runs of a store, newest first, or none without a store. */
export async function listRuns(runtime: Runtime, request: RunsRequest = {}): Promise<ListedRun[]> {
  const { store, limit = 20 } = request;
  await settleMeters(store, runtime);
  const nowMs = runtime.now().getTime();
  const list = (database: Database): Promise<ListedRun[]> => listFrom(database, request, limit, nowMs);
  return (await withSettledStore(store, runtime, list)) ?? [];
}

async function listFrom(
  database: Database,
  { project, client, status, trials = false }: RunsRequest,
  limit: number,
  nowMs: number,
): Promise<ListedRun[]> {
  const wanted = project === undefined ? null : await findProject(database, { name: project });
  if (project !== undefined && !wanted) return [];
  const is = (
    column: "client" | "status" | "kind",
    value: string | undefined,
    comparison: "=" | "!=" = "=",
  ): RunCondition[] =>
    value === undefined ? [] : [{ field: { of: "run", column }, comparison, values: [value] }];
  const runs = await searchRuns(database, {
    projects: wanted ? [wanted.number] : [],
    stages: ["active"],
    conditions: [
      ...is("client", client),
      ...is("status", status),
      ...(trials ? [] : is("kind", "trial", "!=")),
    ],
    order: [],
    limit,
    offset: 0,
  });
  const listed: ListedRun[] = [];
  for (const run of runs) listed.push(await listedRun(database, run, nowMs));
  return listed;
}

/** Summary of a search's trials that were not trained to the end. */
export interface ListedTrials {
  /** Id of the search. */
  readonly search: string;
  readonly trials: number;
  readonly seconds: number;
  readonly spentMicroUsd: number;
}

/** Returns the searches of a store with the totals of their trials, newest first, or none without a store. */
export async function listTrials(runtime: Runtime, store: string | undefined): Promise<ListedTrials[]> {
  const list = async (database: Database): Promise<ListedTrials[]> => {
    const rows = await database.all(
      `SELECT recipe_runs.summary, runs.wall_seconds, runs.spent_micro_usd FROM runs
         JOIN recipe_runs ON recipe_runs.run = runs.number
       WHERE runs.kind = 'trial' AND runs.stage = 'active' ORDER BY runs.started_ms DESC, runs.id LIMIT 10000`,
    );
    const found = new Map<string, ListedTrials>();
    for (const row of rows) {
      const search = trialOf({ summary: String(row["summary"]) })?.search;
      if (search === undefined) continue;
      const before = found.get(search) ?? { search, trials: 0, seconds: 0, spentMicroUsd: 0 };
      found.set(search, {
        search,
        trials: before.trials + 1,
        seconds: before.seconds + Number(row["wall_seconds"]),
        spentMicroUsd: before.spentMicroUsd + Number(row["spent_micro_usd"]),
      });
    }
    return [...found.values()];
  };
  return (await withExistingStore(store, runtime, list)) ?? [];
}

/** Builds the list entry of a run. */
export async function listedRun(reader: Reader, run: TrackedRun, nowMs: number): Promise<ListedRun> {
  const { id, kind, client, name, person, purpose, status, startedMs, endedMs, spentMicroUsd } = run;
  const project = await findProject(reader, { number: run.project });
  const silent = silentMs(run, nowMs);
  return {
    id,
    kind,
    client,
    project: project?.name ?? "",
    name,
    person,
    purpose,
    status,
    spentMicroUsd,
    stoppedBy: run.stoppedBy,
    createdAt: new Date(startedMs).toISOString(),
    endedAt: endedMs === null ? null : new Date(endedMs).toISOString(),
    seconds: secondsOfRun(run),
    silentSeconds: silent === null ? null : silent / 1000,
    result: await headlineOf(reader, run.number, resultMetrics),
    scores: client === "tunewise" ? await readScores(reader, id) : [],
    params: await readParams(reader, run.number),
    comparison: client === "tunewise" ? await comparisonOf(reader, run.number) : null,
  };
}

async function comparisonOf(reader: Reader, run: number): Promise<ListedComparison | null> {
  const tried = tryOf({ summary: (await readSummary(reader, run)) ?? "" });
  if (tried === null) return null;
  const { outcome } = tried;
  if (outcome === null) return { verdict: null, arm: null, isInvalid: false, title: "" };
  const { verdict, arm, isInvalid } = outcome;
  return { verdict, arm, isInvalid, title: verdictTitle(outcome).title };
}

/**
 * Ids of runs that have a folder but no entry in the store, newest first.
 *
 * @param word a folder of runs, or the address of a database, which has no folders
 */
export async function missingRuns(word: string = defaultOutput, runtime: Runtime): Promise<string[]> {
  if (isAddress(word)) return [];
  const ids = await runIdsIn(resolve(runtime.cwd, word));
  if (ids.length === 0) return [];
  const known = await withExistingStore(word, runtime, async (database) =>
    (await database.all("SELECT id FROM runs WHERE client = 'tunewise'")).map(({ id }) => String(id)),
  );
  const there = new Set(known ?? []);
  return ids.filter((id) => !there.has(id));
}
