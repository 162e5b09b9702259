/** @file Ledger entries: appended, never changed, and summed over runs and months. Reservations are in `charges.ts`. */
import type { Reader, SqlRow, SqlValue, Transaction } from "../database/database.ts";
import { textOrNull } from "../database/rows.ts";
import { countTraces } from "../traces/trace-search.ts";
import { runColumns, trackedRunFrom } from "../tracking/runs.ts";
import type { TrackedRun } from "../tracking/types.ts";
import { dayMs } from "./day.ts";

/** The cost of a stretch of work. Money is in micro-dollars. */
export interface SpendLine {
  /** Number of the run. */
  readonly run: number;
  /** When the stretch ended. */
  readonly ms: number;
  /** `machine`, `train`, `tokens`, `storage` ... */
  readonly kind: string;
  readonly microUsd: number;
  readonly seconds: number;
  /** Number of `unit`s if something other than time was paid for; else 0. */
  readonly quantity: number;
  readonly unit: string;
  /** 0 if time was not paid for. */
  readonly priceMicroUsdPerHour: number;
  /** Source of the price, with its date. */
  readonly priceSource: string;
}

/** Kinds of entries that do not pay for time, for `IN`: charges such as tokens of APIs, and reservations. */
export const chargeKindsSql = "('tokens', 'storage', 'other', 'reserved', 'api')";

/** Adds an entry, and adds its amount to the run's total cost. */
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

/** Entries of one run, oldest first. */
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

/** Which entries to sum. */
export interface SpendQuery {
  /** `fromMs` is inclusive, `toMs` exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A tag whose value is returned with each run. */
  readonly tag?: string;
  /** Projects to include; `null`: all of them. */
  readonly among?: ProjectsAmong | null;
}

/** A condition on rows of `projects`. */
export interface ProjectsAmong {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** The condition that limits rows of `runs` to some projects, preceded by `word`; empty for all projects. */
export function runsAmong(word: "WHERE" | "AND", among: ProjectsAmong | null): string {
  return among ? `${word} runs.project IN (SELECT number FROM projects WHERE ${among.sql})` : "";
}

/** The cost of a run, with the values it can be grouped by. */
export interface RunSpend {
  readonly run: TrackedRun;
  readonly projectName: string;
  /** Value of the requested tag. */
  readonly tag: string | null;
  readonly microUsd: number;
  readonly seconds: number;
  /** Cost by month of the entries (`2026-11`, UTC); adds up to `microUsd`. */
  readonly months: Readonly<Record<string, number>>;
}

/** The tag with which any client marks a production run. Its value is then `production`. */
export const purposeTag = "tunewise.purpose";

/** Runs with entries in the period, by start. Sums are exact because money is in integer micro-dollars. */
export async function spendByRun(
  reader: Reader,
  { fromMs, toMs, tag = "", among = null }: SpendQuery,
): Promise<RunSpend[]> {
  const columns = runColumns.split(", ").map((column) => `runs.${column}`);
  // The database sums the entries, because a run of the built-in engine writes one every few seconds.
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

/** Ids of the earliest completed active runs, by fingerprint. */
export async function firstOfFingerprints(reader: Reader): Promise<ReadonlyMap<string, string>> {
  const sql = `SELECT fingerprint, id FROM runs WHERE fingerprint IS NOT NULL AND status = 'completed'
    AND stage = 'active' ORDER BY started_ms DESC, id DESC`;
  // Later entries overwrite earlier ones, so the earliest run of each fingerprint remains.
  return new Map((await reader.all(sql)).map((row) => [String(row["fingerprint"]), String(row["id"])]));
}

/** Totals over the store. */
export interface StoreFigures {
  /** Active runs (not deleted) by status. */
  readonly runs: Readonly<Record<string, number>>;
  /** Micro-dollars of all runs, by purpose. */
  readonly microUsd: Readonly<Record<"experiment" | "production", number>>;
  /** Number of traces in all projects. */
  readonly traces: number;
}

/** Reads the totals. */
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
