/**
 * @file Rows of the SQLite store back into the nouns of the system, and numbers SQLite cannot keep into
 * ones it can.
 */
import { bytes, type Seconds, seconds, type Usd } from "../../quantity/index.ts";
import type { Metric, Run, RunStatus } from "../../run/index.ts";
import type { Artifact, ScoreEntry, SpendEntry } from "../store.ts";
import type { SqlRow } from "./database.ts";

/** Below this the packaged driver (1.2.1) takes a positive number for an integer and binds 0. */
const smallestBound = 1e-15;

/** A number as its two columns: by value, or as text where SQLite or its driver would change it. */
export function numberColumns(value: number): [value: number, special: string | null] {
  const bound = Number.isFinite(value) && (value === 0 || Math.abs(value) >= smallestBound);
  return bound ? [value, null] : [0, String(value)];
}

function numberFrom(row: SqlRow): number {
  return Number(row["special"] ?? row["value"]);
}

/** A row of `runs`. */
export function runFrom(row: SqlRow): Run {
  return {
    id: text(row, "id"),
    name: text(row, "name"),
    status: text(row, "status") as RunStatus,
    createdAt: text(row, "created_at"),
    endedAt: row["ended_at"] === null ? null : text(row, "ended_at"),
    recipeText: text(row, "recipe_text"),
    configuration: text(row, "configuration"),
    dataFingerprint: text(row, "data_fingerprint"),
    model: text(row, "model"),
    modelRevision: text(row, "model_revision"),
    versions: text(row, "versions"),
    folder: text(row, "folder"),
    wallSeconds: Number(row["wall_seconds"]),
    spentMicroUsd: Number(row["spent_micro_usd"]),
    summary: text(row, "summary"),
  };
}

/** A row of `metrics`. */
export function metricFrom(row: SqlRow): Metric {
  return {
    runId: text(row, "run_id"),
    key: text(row, "key"),
    step: Number(row["step"]),
    value: numberFrom(row),
    time: text(row, "time"),
  };
}

/** A row of `artifacts`. */
export function artifactFrom(row: SqlRow): Artifact {
  return {
    runId: text(row, "run_id"),
    path: text(row, "path"),
    bytes: bytes(Number(row["bytes"])),
    sha256: text(row, "sha256"),
  };
}

/** A row of `scores`. */
export function scoreFrom(row: SqlRow): ScoreEntry {
  return {
    runId: text(row, "run_id"),
    arm: text(row, "arm"),
    metric: text(row, "metric"),
    value: numberFrom(row),
    low: row["low"] === null ? null : Number(row["low"]),
    high: row["high"] === null ? null : Number(row["high"]),
    rows: Number(row["row_count"]),
  };
}

/** A row of `spend`. */
export function spendFrom(row: SqlRow): SpendEntry {
  return {
    runId: text(row, "run_id"),
    time: text(row, "time"),
    kind: text(row, "kind"),
    spent: microUsd(row["micro_usd"]),
    duration: seconds(Number(row["seconds"])),
    priceUsdPerHour: microUsd(row["price_micro_usd_per_hour"]),
    priceSource: text(row, "price_source"),
  };
}

/** Sums of a ledger; both columns are NULL when it has no line. */
export function totalFrom(row: SqlRow | undefined): { spent: Usd; duration: Seconds } {
  return { spent: microUsd(row?.["micro_usd"] ?? 0), duration: seconds(Number(row?.["seconds"] ?? 0)) };
}

/** The store keeps money as the integer that `Usd` is. */
function microUsd(value: unknown): Usd {
  return Math.round(Number(value)) as Usd;
}

function text(row: SqlRow, column: string): string {
  return String(row[column]);
}
