/** @file Converts rows of the store to values, and results of runs to figures for trackers without scores and costs. */
import { bytes, seconds, type Usd } from "@tunewise/core/quantity";
import type { Metric, Run, RunStatus } from "@tunewise/core/run";
import type { Reader, SqlRow } from "../database/database.ts";
import { numberOrNull } from "../database/rows.ts";
import { numberOf } from "../points/point.ts";
import type { Artifact, ScoreEntry, SpendEntry, TotalSpend } from "../store.ts";

/** Converts a row of `runs` joined with `recipe_runs`. */
export function runFrom(row: SqlRow): Run {
  return {
    id: text(row, "id"),
    name: text(row, "name"),
    status: text(row, "status") as RunStatus,
    createdAt: instant(row["started_ms"]),
    endedAt: row["ended_ms"] === null ? null : instant(row["ended_ms"]),
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

/** Converts a row of `points` of a known series. */
export function metricFrom(row: SqlRow, runId: string, key: string): Metric {
  return { runId, key, step: Number(row["step"]), value: numberOf(row), time: instant(row["ms"]) };
}

/** Converts a row of `artifacts`. */
export function artifactFrom(row: SqlRow, runId: string): Artifact {
  return { runId, path: text(row, "path"), bytes: bytes(Number(row["bytes"])), sha256: text(row, "sha256") };
}

/** Converts a row of `scores`. */
function scoreFrom(row: SqlRow, runId: string): ScoreEntry {
  return {
    runId,
    arm: text(row, "arm"),
    metric: text(row, "metric"),
    value: numberOf(row),
    low: numberOrNull(row, "low"),
    high: numberOrNull(row, "high"),
    rows: Number(row["row_count"]),
  };
}

/** Converts a row of `spend`. */
export function spendFrom(row: SqlRow, runId: string): SpendEntry {
  return {
    runId,
    time: instant(row["ms"]),
    kind: text(row, "kind"),
    spent: microUsd(row["micro_usd"]),
    duration: seconds(Number(row["seconds"])),
    priceUsdPerHour: microUsd(row["price_micro_usd_per_hour"]),
    priceSource: text(row, "price_source"),
  };
}

/** Converts ledger totals; all columns are NULL if there are no entries. */
export function totalFrom(row: SqlRow | undefined): TotalSpend {
  return {
    spent: microUsd(row?.["micro_usd"] ?? 0),
    duration: seconds(Number(row?.["seconds"] ?? 0)),
    charged: microUsd(row?.["charged"] ?? 0),
  };
}

/** The store holds money as integer micro-dollars, like `Usd`. */
function microUsd(value: unknown): Usd {
  return Math.round(Number(value)) as Usd;
}

function text(row: SqlRow, column: string): string {
  return String(row[column]);
}

/** A time as ISO text, as used in values. */
function instant(ms: unknown): string {
  return new Date(Number(ms)).toISOString();
}

/** All scores of a run, ordered by metric and arm. */
export async function readScores(reader: Reader, runId: string): Promise<ScoreEntry[]> {
  const sql = "SELECT * FROM scores WHERE run = (SELECT number FROM runs WHERE id = ?) ORDER BY metric, arm";
  return (await reader.all(sql, runId)).map((row) => scoreFrom(row, runId));
}

/** The summary of a run of the built-in engine, as JSON; `null`: not such a run. */
export async function readSummary(reader: Reader, run: number): Promise<string | null> {
  const [row] = await reader.all("SELECT summary FROM recipe_runs WHERE run = ?", run);
  return row === undefined ? null : String(row["summary"]);
}

/** A key and its number. */
type Figure = readonly [key: string, value: number];

/** Scores, duration and cost of a run. */
interface RunResult {
  readonly scores: readonly Pick<ScoreEntry, "arm" | "metric" | "value">[];
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
}

/** Scores of each arm, seconds and dollars as figures. */
export function resultFigures({ scores, wallSeconds, spentMicroUsd }: RunResult): Figure[] {
  return [
    ...scores.map(({ arm, metric, value }): Figure => [`test/${arm}/${metric}`, value]),
    ["wall_seconds", wallSeconds],
    ["spent_usd", spentMicroUsd / 1_000_000],
  ];
}

/** The lowest validation loss and its step as figures. */
export function bestFigures({ step, loss }: { readonly step: number; readonly loss: number }): Figure[] {
  return [
    ["best_step", step],
    ["best_validation_loss", loss],
  ];
}
