/** @file Runs of any client as rows. */

import type { RunKind, StopCause } from "@tunewise/core/run";
import type { Reader, SqlRow, SqlValue, Transaction } from "../database/database.ts";
import { numberOrNull, readAmong, textOrNull } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import { putTags } from "./facts.ts";
import { knownPerson } from "./person.ts";
import type {
  ClientKind,
  NewRun,
  Purpose,
  Stage,
  TrackedChange,
  TrackedRun,
  TrackedStatus,
} from "./types.ts";

/** All columns except the document. */
export const runColumns: string =
  "number, id, project, name, status, stage, client, person, purpose, started_ms, ended_ms, seen_ms, deleted_ms, " +
  "fingerprint, family, spent_micro_usd, wall_seconds, launched_by, stop_ms, kind, stopped_by, repeats";

/** Converts a row with `runColumns`. */
export function trackedRunFrom(row: SqlRow): TrackedRun {
  return {
    number: Number(row["number"]),
    id: String(row["id"]),
    project: Number(row["project"]),
    name: String(row["name"]),
    status: String(row["status"]) as TrackedStatus,
    stage: String(row["stage"]) as Stage,
    client: String(row["client"]) as ClientKind,
    person: String(row["person"]),
    purpose: String(row["purpose"]) as Purpose,
    startedMs: Number(row["started_ms"]),
    endedMs: numberOrNull(row, "ended_ms"),
    seenMs: Number(row["seen_ms"]),
    deletedMs: numberOrNull(row, "deleted_ms"),
    fingerprint: textOrNull(row, "fingerprint"),
    family: textOrNull(row, "family"),
    spentMicroUsd: Number(row["spent_micro_usd"]),
    wallSeconds: Number(row["wall_seconds"]),
    launchedBy: numberOrNull(row, "launched_by"),
    stopMs: numberOrNull(row, "stop_ms"),
    kind: String(row["kind"]) as RunKind,
    stoppedBy: textOrNull(row, "stopped_by") as StopCause | null,
    repeats: numberOrNull(row, "repeats"),
  };
}

/** @throws {TunewiseError} `RUN_NOT_FOUND` */
export async function findTrackedRun(reader: Reader, id: string): Promise<TrackedRun> {
  const run = await findTrackedRunOrNull(reader, id);
  if (!run) throw problem("RUN_NOT_FOUND", { id, store: "this store" });
  return run;
}

/** The run with an id or a row number, or `null`. */
export async function findTrackedRunOrNull(
  reader: Reader,
  by: string | { readonly number: number },
): Promise<TrackedRun | null> {
  const [column, value] = typeof by === "string" ? ["id", by] : ["number", by.number];
  // A purged run is found only by number, for the ledger.
  const isThere = typeof by === "string" ? " AND stage IN ('active', 'deleted')" : "";
  const [row] = await reader.all(`SELECT ${runColumns} FROM runs WHERE ${column} = ?${isThere}`, value);
  return row ? trackedRunFrom(row) : null;
}

/** A purged run may be imported again, from an archive or another tracker. Its earlier cost still counts. */
const purgedRun = [
  ...["project", "name", "status", "stage", "client", "person", "purpose", "started_ms", "seen_ms"],
  ...["fingerprint", "family", "launched_by", "kind"],
]
  .map((column) => `${column} = excluded.${column}`)
  .concat(
    ["deleted_ms", "ended_ms", "stop_ms", "stopped_by", "identity", "repeats"].map(
      (column) => `${column} = NULL`,
    ),
  )
  .join(", ");

/**
 * Runs by their ids, in that order.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`
 */
export async function readTrackedRuns(reader: Reader, ids: readonly string[]): Promise<TrackedRun[]> {
  const rows = await readAmong(
    reader,
    ids,
    (among) => `SELECT ${runColumns} FROM runs WHERE id IN (${among})`,
  );
  const found = new Map(rows.map(trackedRunFrom).map((run) => [run.id, run]));
  return ids.map((id) => {
    const run = found.get(id);
    if (!run) throw problem("RUN_NOT_FOUND", { id, store: "this store" });
    return run;
  });
}

/**
 * Adds a run.
 *
 * @throws {TunewiseError} `RUN_EXISTS`
 */
export async function addTrackedRun(transaction: Transaction, run: NewRun): Promise<TrackedRun> {
  const { id, project, name, status, client, purpose, startedMs, fingerprint, family } = run;
  const person = knownPerson(run.person);
  const [row] = await transaction.all(
    `INSERT INTO runs (id, project, name, status, stage, client, person, purpose, started_ms, seen_ms, fingerprint,
       family, launched_by, kind, wall_seconds, spent_micro_usd)
     VALUES (?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
     ON CONFLICT (id) DO UPDATE SET ${purgedRun} WHERE runs.stage = 'purged' RETURNING ${runColumns}`,
    ...[id, project, name, status, client, person, purpose, startedMs, startedMs, fingerprint, family],
    ...[run.launchedBy ?? null, client === "exec" ? "exec" : "run"],
  );
  if (!row) throw problem("RUN_EXISTS", { id, path: "this store" });
  const added = trackedRunFrom(row);
  await putTags(transaction, added.number, run.tags);
  await noteChange(transaction, added.number);
  return added;
}

const changeColumns: Readonly<Record<Exclude<keyof TrackedChange, "stoppedBy">, string>> = {
  name: "name",
  status: "status",
  endedMs: "ended_ms",
  stage: "stage",
  deletedMs: "deleted_ms",
  person: "person",
  purpose: "purpose",
  fingerprint: "fingerprint",
  family: "family",
};

/** Updates the given fields. */
export async function changeTrackedRun(
  transaction: Transaction,
  number: number,
  { stoppedBy, ...change }: TrackedChange,
): Promise<void> {
  const given = Object.entries(change).filter(
    (entry): entry is [keyof typeof changeColumns, SqlValue] => entry[1] !== undefined,
  );
  if (given.length === 0) return;
  if (change.status !== undefined) await noteStopCause(transaction, number, change.status, stoppedBy);
  const set = given.map(([key]) => `${changeColumns[key]} = ?`).join(", ");
  await transaction.run(
    `UPDATE runs SET ${set} WHERE number = ?`,
    ...given.map(([, value]) => value),
    number,
  );
}

/** Statuses of runs that have not ended. */
export const openStatuses: readonly TrackedStatus[] = ["running", "scheduled"];

/** The same as an SQL list. */
export const openList: string = openStatuses.map((status) => `'${status}'`).join(", ");

/**
 * Records why a run stopped, before its status changes. A completed run has no cause. A restarted run has no stop
 * request any more. A running run keeps the cause of its stop request.
 *
 * @param cause `null`: the cause of the stop request; for a failure without one, `fault`
 */
export async function noteStopCause(
  transaction: Transaction,
  number: number,
  status: TrackedStatus,
  cause: StopCause | null = null,
): Promise<void> {
  const isOpen = openStatuses.includes(status);
  if (status === "completed")
    await transaction.run("UPDATE runs SET stopped_by = NULL WHERE number = ?", number);
  else if (isOpen)
    await transaction.run(
      `UPDATE runs SET stopped_by = NULL, stop_ms = NULL WHERE number = ? AND status NOT IN (${openList})`,
      number,
    );
  else
    await transaction.run(
      "UPDATE runs SET stopped_by = coalesce(?, stopped_by, ?) WHERE number = ?",
      ...[cause, status === "failed" || status === "crashed" ? "fault" : null, number],
    );
}

/** Records that a run has changed: clears its cached document, and a trigger records the time. */
export async function noteChange(transaction: Transaction, number: number): Promise<void> {
  await transaction.run("UPDATE runs SET document = NULL WHERE number = ?", number);
}

/** Records activity of a run, and clears its cached document. */
export async function touchRun(transaction: Transaction, number: number, nowMs: number): Promise<void> {
  await transaction.run("UPDATE runs SET seen_ms = ?, document = NULL WHERE number = ?", nowMs, number);
}

/** Runs of the same project from which a run may derive: the latest of each kind that started before it. */
export interface Ancestors {
  /** The same experiment. */
  readonly same: TrackedRun | null;
  /** The same except for randomness, such as the seed. */
  readonly family: TrackedRun | null;
  /** From the same client. */
  readonly previous: TrackedRun | null;
}

/** Finds the ancestors of a run, ignoring deleted runs. */
export async function readAncestors(reader: Reader, run: TrackedRun): Promise<Ancestors> {
  const before = async (column: string, value: string | null): Promise<TrackedRun | null> => {
    if (value === null) return null;
    const [row] = await reader.all(
      `SELECT ${runColumns} FROM runs WHERE ${column} = ? AND project = ? AND stage = 'active'
         AND (started_ms, id) < (?, ?) ORDER BY started_ms DESC, id DESC LIMIT 1`,
      ...[value, run.project, run.startedMs, run.id],
    );
    return row ? trackedRunFrom(row) : null;
  };
  return {
    same: await before("fingerprint", run.fingerprint),
    family: await before("family", run.family),
    previous: await before("client", run.client),
  };
}
