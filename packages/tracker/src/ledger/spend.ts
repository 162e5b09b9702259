/**
 * @file Lines of the ledger: added, never changed (what is set aside has a file of its own), and summed over runs and
 *   months.
 */
import type { Reader, SqlRow, SqlValue, Transaction } from "../database/database.ts";
import { textOrNull } from "../database/rows.ts";
import { countTraces } from "../traces/trace-search.ts";
import type { TrackedRun } from "../tracking/nouns.ts";
import { runColumns, trackedRunFrom } from "../tracking/runs.ts";
import { dayMs } from "./day.ts";

/** What a stretch of work cost. Money is in micro-dollars. */
export interface SpendLine {
  /** Number of the run. */
  readonly run: number;
  /** When the stretch ended. */
  readonly ms: number;
  /** `machine`, `train`, `tokens`, `storage` ... */
  readonly kind: string;
  readonly microUsd: number;
  readonly seconds: number;
  /** Counts `unit`s where something else than time was paid for; else 0. */
  readonly quantity: number;
  readonly unit: string;
  /** 0 where time was not paid for. */
  readonly priceMicroUsdPerHour: number;
  /** Where the price comes from, with its date. */
  readonly priceSource: string;
}

/** Kinds of lines that do not pay for time, for `IN`: tokens of APIs, and what is set aside for them. */
export const chargeKindsSql = "('tokens', 'storage', 'other', 'reserved', 'api')";

/** Adds a line, and its amount to what the run has cost so far. */
export async function addSpend(transaction: Transaction, line: SpendLine): Promise<void> {
  await transaction.run(
    `INSERT INTO spend (run, ms, kind, micro_usd, seconds, quantity, unit, price_micro_usd_per_hour, price_source)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[line.run, line.ms, line.kind, line.microUsd, line.seconds, line.quantity, line.unit],
    ...[line.priceMicroUsdPerHour, line.priceSource],
  );
  await transaction.run(
    "UPDATE runs SET spent_micro_usd = spent_micro_usd + ?, wall_seconds = wall_seconds + ? WHERE number = ?",
    ...[line.microUsd, line.seconds, line.run],
  );
}

/** Lines of one run, the oldest first. */
export async function readSpend(reader: Reader, run: number): Promise<SpendLine[]> {
  const rows = await reader.all("SELECT * FROM spend WHERE run = ? ORDER BY sequence", run);
  return rows.map((row) => ({
    run,
    ms: Number(row["ms"]),
    kind: String(row["kind"]),
    microUsd: Number(row["micro_usd"]),
    seconds: Number(row["seconds"]),
    quantity: Number(row["quantity"]),
    unit: String(row["unit"]),
    priceMicroUsdPerHour: Number(row["price_micro_usd_per_hour"]),
    priceSource: String(row["price_source"]),
  }));
}

/** Which lines to sum. */
export interface SpendQuery {
  /** From this instant on, up to before that one. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A tag whose value is wanted beside each run. */
  readonly tag?: string;
  /** Projects to look at; `null`: all of them. */
  readonly among?: ProjectsAmong | null;
}

/** A condition on rows of `projects`. */
export interface ProjectsAmong {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** The condition on rows of `runs`, before whose text stands the word; empty for all of them. */
export function runsAmong(word: "WHERE" | "AND", among: ProjectsAmong | null): string {
  return among ? `${word} runs.project IN (SELECT number FROM projects WHERE ${among.sql})` : "";
}

/** What one run cost, with what it can be grouped by. */
export interface RunSpend {
  readonly run: TrackedRun;
  readonly projectName: string;
  /** Value of the tag that was asked for. */
  readonly tag: string | null;
  readonly microUsd: number;
  readonly seconds: number;
  /** By month of the lines, `2026-11`, UTC; they add up to `microUsd`. */
  readonly months: Readonly<Record<string, number>>;
}

/** A tag by which any client says that a run makes what is used: `production`. */
export const purposeTag = "tunewise.purpose";

/** Runs with lines in the time asked for, by start. Sums are exact: money is whole micro-dollars. */
export async function spendByRun(
  reader: Reader,
  { fromMs, toMs, tag = "", among = null }: SpendQuery,
): Promise<RunSpend[]> {
  const columns = runColumns.split(", ").map((column) => `runs.${column}`);
  // lines are summed by the database: a run of this engine writes one every few seconds
  const sql = `SELECT ${columns.join(", ")}, projects.name AS project_name, tags.value AS tag,
      said.value AS purpose_said, sums.day, sums.spent AS sum_micro_usd, sums.seconds AS sum_seconds
    FROM (SELECT run, ms / ${dayMs} AS day, sum(micro_usd) AS spent, sum(seconds) AS seconds FROM spend
      WHERE ms >= ? AND ms < ? GROUP BY 1, 2) sums
    JOIN runs ON runs.number = sums.run JOIN projects ON projects.number = runs.project
    LEFT JOIN tags ON tags.run = runs.number AND tags.key = ?
    LEFT JOIN tags said ON said.run = runs.number AND said.key = '${purposeTag}'
    ${runsAmong("WHERE", among)} ORDER BY runs.started_ms, runs.number, sums.day`;
  const values: SqlValue[] = [fromMs, toMs, tag, ...(among?.values ?? [])];
  const found = new Map<
    number,
    { row: SqlRow; microUsd: number; seconds: number; months: Record<string, number> }
  >();
  for (const row of await reader.all(sql, ...values)) {
    const number = Number(row["number"]);
    const sum = found.get(number) ?? { row, microUsd: 0, seconds: 0, months: {} };
    found.set(number, sum);
    const [micro, month] = [
      Number(row["sum_micro_usd"]),
      new Date(Number(row["day"]) * dayMs).toISOString().slice(0, 7),
    ];
    sum.microUsd += micro;
    sum.seconds += Number(row["sum_seconds"]);
    sum.months[month] = (sum.months[month] ?? 0) + micro;
  }
  return [...found.values()].map(({ row, ...sums }) => ({
    run:
      row["purpose_said"] === "production"
        ? { ...trackedRunFrom(row), purpose: "production" }
        : trackedRunFrom(row),
    projectName: String(row["project_name"]),
    tag: textOrNull(row, "tag"),
    ...sums,
  }));
}

/** Ids of earlier completed runs by the fingerprint they share with later ones. */
export async function firstOfFingerprints(reader: Reader): Promise<ReadonlyMap<string, string>> {
  const sql = `SELECT fingerprint, id FROM runs WHERE fingerprint IS NOT NULL AND status = 'completed'
    AND stage = 'active' ORDER BY started_ms DESC, id DESC`;
  // the last one of a fingerprint that is set is the earliest
  return new Map((await reader.all(sql)).map((row) => [String(row["fingerprint"]), String(row["id"])]));
}

/** Sums over the store. */
export interface StoreFigures {
  /** Runs that are not deleted, by their status. */
  readonly runs: Readonly<Record<string, number>>;
  /** Millionths of a dollar of all runs, by purpose. */
  readonly microUsd: Readonly<Record<"experiment" | "production", number>>;
  /** Traces of all projects. */
  readonly traces: number;
}

/** Reads the sums. */
export async function readStoreFigures(reader: Reader): Promise<StoreFigures> {
  const counted = await reader.all(
    "SELECT status, COUNT(*) AS runs FROM runs WHERE stage = 'active' GROUP BY status ORDER BY status",
  );
  const spent = await reader.all(
    `SELECT CASE WHEN tags.value = 'production' OR runs.purpose = 'production' THEN 'production' ELSE 'experiment' END
       AS said, SUM(runs.spent_micro_usd) AS spent
     FROM runs LEFT JOIN tags ON tags.run = runs.number AND tags.key = '${purposeTag}'
     WHERE runs.spent_micro_usd > 0 GROUP BY 1`,
  );
  const of = (purpose: string): number => Number(spent.find(({ said }) => said === purpose)?.["spent"] ?? 0);
  return {
    runs: Object.fromEntries(counted.map(({ status, runs }) => [String(status), Number(runs)])),
    microUsd: { experiment: of("experiment"), production: of("production") },
    traces: await countTraces(reader),
  };
}
