/**
 * @file `tunewise runs list`: what the record holds, of whatever client, newest first.
 */
import type { Decision } from "../../../evaluate/index.ts";
import { verdictTitle } from "../../../report/index.ts";
import type { Host } from "../../../runtime/index.ts";
import {
  type ClientKind,
  type Database,
  findProject,
  type Purpose,
  type Reader,
  type RunCondition,
  readParams,
  readScores,
  readSummary,
  type ScoreEntry,
  searchRuns,
  type TrackedRun,
  type TrackedStatus,
} from "../../../track/index.ts";
import { tryOf } from "../../runs/index.ts";
import { headlineOf } from "../admission/headline.ts";
import { settleMeters } from "../launches/settle-meters.ts";
import { withSettledStore } from "../with-database.ts";

/** Which runs. */
export interface RunsRequest {
  /** A folder of runs, or the address of a database. */
  readonly store?: string;
  readonly project?: string;
  readonly client?: ClientKind;
  readonly status?: TrackedStatus;
  /** Default: 20. */
  readonly limit?: number;
}

/** A run with its headline. Times are ISO 8601. */
export interface ListedRun {
  readonly id: string;
  readonly client: ClientKind;
  readonly project: string;
  readonly name: string;
  readonly person: string;
  readonly purpose: Purpose;
  readonly status: TrackedStatus;
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** Metered; where nothing was, from its start to its end. */
  readonly seconds: number;
  readonly spentMicroUsd: number;
  /** What it measured last on held-out rows, such as `eval_loss 0.2`; `null` where it logged nothing. */
  readonly result: string | null;
  /** Of this engine's own runs. */
  readonly scores: readonly ScoreEntry[];
  /** What it was given: hyper-parameters, by the names its client used. */
  readonly params: Readonly<Record<string, string>>;
  /** Of a try: what its comparison came to; `null`: it is no try. */
  readonly comparison: ListedComparison | null;
}

/** A comparison of the tuned model with cheaper ways, as it is listed. */
export interface ListedComparison {
  /** `null`: it has not come to its end. */
  readonly verdict: Decision["verdict"] | null;
  readonly arm: string | null;
  readonly isVoid: boolean;
  /** The verdict in words. */
  readonly title: string;
}

/** Runs of a store, newest first; none where there is no store. */
export async function listRuns(host: Host, request: RunsRequest = {}): Promise<ListedRun[]> {
  const { store, limit = 20 } = request;
  await settleMeters(store, host);
  return (await withSettledStore(store, host, (database) => list(database, request, limit))) ?? [];
}

async function list(
  database: Database,
  { project, client, status }: RunsRequest,
  limit: number,
): Promise<ListedRun[]> {
  const wanted = project === undefined ? null : await findProject(database, { name: project });
  if (project !== undefined && !wanted) return [];
  const is = (column: "client" | "status", value: string | undefined): RunCondition[] =>
    value === undefined ? [] : [{ field: { of: "run", column }, comparison: "=", values: [value] }];
  const runs = await searchRuns(database, {
    projects: wanted ? [wanted.number] : [],
    stages: ["active"],
    conditions: [...is("client", client), ...is("status", status)],
    order: [],
    limit,
    offset: 0,
  });
  const listed: ListedRun[] = [];
  for (const run of runs) listed.push(await listedRun(database, run));
  return listed;
}

/** A run as it is listed. */
export async function listedRun(reader: Reader, run: TrackedRun): Promise<ListedRun> {
  const { id, client, name, person, purpose, status, startedMs, endedMs, seenMs, spentMicroUsd } = run;
  const project = await findProject(reader, { number: run.project });
  const ownSeconds = Math.max(0, (endedMs ?? seenMs) - startedMs) / 1000;
  return {
    ...{ id, client, project: project?.name ?? "", name, person, purpose, status, spentMicroUsd },
    createdAt: new Date(startedMs).toISOString(),
    endedAt: endedMs === null ? null : new Date(endedMs).toISOString(),
    seconds: run.wallSeconds > 0 ? run.wallSeconds : ownSeconds,
    result: await headlineOf(reader, run.number),
    scores: client === "tunewise" ? await readScores(reader, id) : [],
    params: await readParams(reader, run.number),
    comparison: client === "tunewise" ? await comparisonOf(reader, run.number) : null,
  };
}

async function comparisonOf(reader: Reader, run: number): Promise<ListedComparison | null> {
  const tried = tryOf({ summary: (await readSummary(reader, run)) ?? "" });
  if (tried === null) return null;
  const { outcome } = tried;
  if (outcome === null) return { verdict: null, arm: null, isVoid: false, title: "" };
  const { verdict, arm, isVoid } = outcome;
  return { verdict, arm, isVoid, title: verdictTitle(outcome).title };
}
