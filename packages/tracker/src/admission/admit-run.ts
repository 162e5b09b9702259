/**
 * @file Admits or refuses a client's run before anything is spent. Refuses duplicates, and runs whose budget is spent.
 *
 *     client's tags ─► part of an admitted command? ─► duplicate? ─► budget left? ─► run
 */

import { type Usd, usdText } from "@tunewise/core/quantity";
import type { Transaction } from "../database/database.ts";
import { budgetsOf } from "../ledger/budgets.ts";
import { checkSharedBudgets } from "../ledger/check-budgets.ts";
import { findLaunch } from "../ledger/launches.ts";
import { beginWork } from "../ledger/meter-run.ts";
import { findOuterLaunch, type OuterLaunch } from "../ledger/nested-launches.ts";
import { problem } from "../problem/index.ts";
import { readTags } from "../tracking/facts.ts";
import { deadAfterMs } from "../tracking/run-liveness.ts";
import { addTrackedRun, findTrackedRunOrNull } from "../tracking/runs.ts";
import { auditForced, findDuplicate, findSimilarRuns, isFingerprint } from "../tracking/similar-runs.ts";
import type { KeyValue, NewRun, TrackedRun } from "../tracking/types.ts";
import { resultAndCost } from "./headline.ts";

/** A run that requests to start. */
export interface RunRequest {
  /** Id of the run, for the audit. */
  readonly id: string;
  /** The authenticated caller; empty in a store without users. */
  readonly caller: string;
  /** Owner of the run, as reported by the client. */
  readonly person: string;
  /** Number of the project. */
  readonly project: number;
  /** Tags set by the client, by key. */
  readonly tags: ReadonlyMap<string, string>;
  readonly nowMs: number;
  /**
   * For a command, the outer command in which it runs. The inner command is admitted like any other, but its time is
   * charged only once.
   */
  readonly outer?: OuterLaunch | null;
  /** Names of the program's own metrics, for results of earlier runs; see `headlineOf`. */
  readonly resultMetrics: readonly string[];
}

/** Recorded facts about an admitted run. */
export interface Admission {
  /** Number of the run of the command that started it. */
  readonly launchedBy: number | null;
  readonly fingerprint: string | null;
  readonly family: string | null;
  /** Tags in addition to the client's. */
  readonly tags: readonly KeyValue[];
}

/** Tags with which a client or launcher identifies a run. */
export const admissionTags = {
  run: "tunewise.run",
  fingerprint: "tunewise.fingerprint",
  family: "tunewise.family",
  force: "tunewise.force",
} as const;

/** Maximum number of similar runs to list. */
const maxListed = 3;

/**
 * Admits a run.
 *
 * @throws {TunewiseError} `RUN_DUPLICATE` if the same experiment was completed or is running and no reason to repeat
 *   it is given; `SHARED_BUDGET_SPENT`
 */
export async function admitRun(transaction: Transaction, request: RunRequest): Promise<Admission> {
  const { tags, project, nowMs } = request;
  const [fingerprint, family] = [fingerprintIn(tags, "fingerprint"), fingerprintIn(tags, "family")];
  const launch = await launchOf(transaction, request);
  // A command's runs were admitted with the command and share its fingerprint.
  if (launch !== null) return { launchedBy: launch, fingerprint: null, family: null, tags: [] };
  const forced = tags.get(admissionTags.force)?.trim() || null;
  const duplicate = fingerprint === null ? null : await duplicateOf(transaction, request, fingerprint);
  if (duplicate && forced === null) throw await refusal(transaction, duplicate, request.resultMetrics);
  const verdict = checkSharedBudgets(await budgetsOf(transaction, project, nowMs));
  if (verdict.act === "stop") throw problem("SHARED_BUDGET_SPENT", { sentence: verdict.sentence });
  if (duplicate && forced) {
    const about = { ms: nowMs, person: request.person, subject: request.id };
    await auditForced(transaction, about, duplicate.id, forced);
  }
  const near = family === null ? [] : await findSimilarRuns(transaction, family, maxListed);
  return {
    launchedBy: (await findOuterLaunch(transaction, request.outer ?? null, request.caller))?.number ?? null,
    fingerprint,
    family,
    tags: [
      ...(duplicate && forced ? [{ key: "tunewise.forced", value: forced }] : []),
      ...(verdict.act === "warn" ? [{ key: "tunewise.budget", value: verdict.sentence }] : []),
      ...(await similarTag(transaction, duplicate ? [] : near, request.resultMetrics)),
    ],
  };
}

/** Maximum difference between the clocks of a client and the server. */
const clockMs = 600_000;

/**
 * Admits a client's run, adds it to the store, and begins its session. A run that is logged after the fact has none: it
 * is metered from its own start to its own end. A command has a meter of its own.
 *
 * @throws {TunewiseError} those of `admitRun`; `RUN_EXISTS`
 */
export async function beginTrackedRun(
  transaction: Transaction,
  request: RunRequest,
  run: Pick<NewRun, "name" | "client" | "person" | "startedMs" | "tags">,
): Promise<TrackedRun & Pick<Admission, "tags">> {
  const { tags, ...admission } = await admitRun(transaction, request);
  const added = await addTrackedRun(transaction, {
    ...run,
    ...admission,
    id: request.id,
    project: request.project,
    status: "running",
    purpose: "experiment",
    tags: [...run.tags, ...tags],
  });
  const isLive = Math.abs(request.nowMs - run.startedMs) < clockMs;
  if (isLive && run.client !== "exec") await beginWork(transaction, added.number, run.startedMs);
  return { ...added, tags };
}

function fingerprintIn(tags: ReadonlyMap<string, string>, name: "fingerprint" | "family"): string | null {
  const text = tags.get(admissionTags[name]);
  return text !== undefined && isFingerprint(text) ? text : null;
}

/** Number of the command that started a run, if the command is still running. */
async function launchOf(transaction: Transaction, { tags, caller }: RunRequest): Promise<number | null> {
  const id = tags.get(admissionTags.run);
  const run = id === undefined ? null : await findTrackedRunOrNull(transaction, id);
  if (run?.status !== "running" || (caller !== "" && run.person !== caller)) return null;
  return (await findLaunch(transaction, run.number)) ? run.number : null;
}

/** Finds the same experiment, unless the same command logged both runs. */
async function duplicateOf(
  transaction: Transaction,
  { tags, nowMs }: RunRequest,
  fingerprint: string,
): Promise<TrackedRun | null> {
  const duplicate = await findDuplicate(transaction, { fingerprint, heardSinceMs: nowMs - deadAfterMs });
  const command = tags.get(admissionTags.run);
  if (!duplicate || command === undefined) return duplicate;
  return (await readTags(transaction, duplicate.number)).get(admissionTags.run) === command
    ? null
    : duplicate;
}

async function refusal(
  transaction: Transaction,
  duplicate: TrackedRun,
  metrics: readonly string[],
): Promise<Error> {
  const { result, microUsd } = await resultAndCost(transaction, duplicate, metrics);
  const none = duplicate.status === "running" ? "it is still running" : "it logged no result";
  return problem("RUN_DUPLICATE", {
    id: duplicate.id,
    date: new Date(duplicate.startedMs).toISOString().slice(0, 10),
    result: result ?? none,
    price: usdText(microUsd as Usd),
  });
}

/** Tag that lists similar runs, which differ only in the seed, with their results. */
async function similarTag(
  transaction: Transaction,
  near: readonly TrackedRun[],
  metrics: readonly string[],
): Promise<KeyValue[]> {
  if (near.length === 0) return [];
  const parts: string[] = [];
  for (const run of near) {
    const { result, microUsd } = await resultAndCost(transaction, run, metrics);
    parts.push(`${run.id}: ${result ?? "no result"}, ${usdText(microUsd as Usd)}`);
  }
  return [{ key: "tunewise.similar", value: parts.join("; ") }];
}
