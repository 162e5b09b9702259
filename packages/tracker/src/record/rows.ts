/** @file Rows of the store as values, and results of runs as figures for trackers that know no scores and no money. */
import { bytes, seconds, type Usd } from "@tunewise/core/quantity";
import type { Metric, Run, RunStatus } from "@tunewise/core/run";
import type { Reader, SqlRow } from "../database/database.ts";
import { numberOrNull } from "../database/rows.ts";
import { numberOf } from "../points/point.ts";
import type { Artifact, ScoreEntry, SpendEntry, TotalSpend } from "../store.ts";

/** A row of `runs` joined with `recipe_runs`. */
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

/** A row of `points`, of a known series. */
export function metricFrom(row: SqlRow, runId: string, key: string): Metric {
  return { runId, key, step: Number(row["step"]), value: numberOf(row), time: instant(row["ms"]) };
}

/** A row of `artifacts`. */
export function artifactFrom(row: SqlRow, runId: string): Artifact {
  return { runId, path: text(row, "path"), bytes: bytes(Number(row["bytes"])), sha256: text(row, "sha256") };
}

/** A row of `scores`. */
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

/** A row of `spend`. */
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

/** Sums of a ledger; both columns are NULL when it has no line. */
export function totalFrom(row: SqlRow | undefined): TotalSpend {
  return {
    spent: microUsd(row?.["micro_usd"] ?? 0),
    duration: seconds(Number(row?.["seconds"] ?? 0)),
    charged: microUsd(row?.["charged"] ?? 0),
  };
}

/** The store keeps money as the integer that `Usd` is. */
function microUsd(value: unknown): Usd {
  return Math.round(Number(value)) as Usd;
}

function text(row: SqlRow, column: string): string {
  return String(row[column]);
}

/** ISO, as the nouns have it. */
function instant(ms: unknown): string {
  return new Date(Number(ms)).toISOString();
}

/** All of them, by metric and arm. */
export async function readScores(reader: Reader, runId: string): Promise<ScoreEntry[]> {
  const sql = "SELECT * FROM scores WHERE run = (SELECT number FROM runs WHERE id = ?) ORDER BY metric, arm";
  return (await reader.all(sql, runId)).map((row) => scoreFrom(row, runId));
}

/** The summary of a run of this engine, as JSON; `null`: the run is none. */
export async function readSummary(reader: Reader, run: number): Promise<string | null> {
  const [row] = await reader.all("SELECT summary FROM recipe_runs WHERE run = ?", run);
  return row === undefined ? null : String(row["summary"]);
}

/** A name and a number. */
type Figure = readonly [key: string, value: number];

/** What a run scored, took and cost. */
interface RunResult {
  readonly scores: readonly Pick<ScoreEntry, "arm" | "metric" | "value">[];
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
}

/** Scores of each arm, seconds and dollars. */
export function resultFigures({ scores, wallSeconds, spentMicroUsd }: RunResult): Figure[] {
  return [
    ...scores.map(({ arm, metric, value }): Figure => [`test/${arm}/${metric}`, value]),
    ["wall_seconds", wallSeconds],
    ["spent_usd", spentMicroUsd / 1_000_000],
  ];
}

/** Where the validation loss was lowest. */
export function bestFigures({ step, loss }: { readonly step: number; readonly loss: number }): Figure[] {
  return [
    ["best_step", step],
    ["best_validation_loss", loss],
  ];
}
