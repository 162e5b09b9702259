/** @file Version 1 of the schema, for runs of this engine alone, and the move of its rows into the tables of version 2. */
import type { SqlRow, SqlValue, Transaction } from "../database/database.ts";
import { writeSeries } from "../points/write-points.ts";

/** Rows read at a time. */
const page = 5000;

const columns = {
  runs: {
    number: "integer",
    id: "text",
    project: "integer",
    name: "text",
    status: "text",
    stage: "text",
    client: "text",
    person: "text",
    purpose: "text",
    started_ms: "integer",
    ended_ms: "integer",
    seen_ms: "integer",
    wall_seconds: "real",
    spent_micro_usd: "integer",
  },
  recipe_runs: {
    run: "integer",
    recipe_text: "text",
    configuration: "text",
    data_fingerprint: "text",
    model: "text",
    model_revision: "text",
    versions: "text",
    folder: "text",
    summary: "text",
  },
} as const;

/** Moves runs, metrics, events, artifacts, scores and spending, then drops the old tables. */
export async function moveOwnRuns(transaction: Transaction): Promise<void> {
  const projects = await moveProjects(transaction);
  const numbers = new Map<string, number>();
  for (const row of await transaction.all("SELECT * FROM old_runs ORDER BY created_at, id")) {
    const number = numbers.size + 1;
    numbers.set(String(row["id"]), number);
    await moveRun(transaction, row, number, projects.get(String(row["name"])) ?? 0);
  }
  await continueNumbers(transaction, "runs", "number");
  await moveMetrics(transaction, numbers);
  const run = "(SELECT number FROM runs WHERE runs.id = run_id)";
  await transaction.run(
    `INSERT INTO events (run, line) SELECT ${run}, line FROM old_events ORDER BY sequence`,
  );
  await transaction.run(`INSERT INTO artifacts SELECT ${run}, path, bytes, sha256 FROM old_artifacts`);
  await transaction.run(
    `INSERT INTO scores SELECT ${run}, arm, metric, value, coalesce(special, ''), low, high, row_count FROM old_scores`,
  );
  for (const row of await transaction.all("SELECT * FROM old_spend ORDER BY sequence")) {
    await transaction.run(
      `INSERT INTO spend (run, ms, kind, micro_usd, seconds, quantity, unit, price_micro_usd_per_hour, price_source)
       VALUES (?, ?, ?, ?, ?, 0, '', ?, ?)`,
      numbers.get(String(row["run_id"])) ?? null,
      milliseconds(row["time"]),
      row["kind"] ?? "",
      row["micro_usd"] ?? 0,
      row["seconds"] ?? 0,
      row["price_micro_usd_per_hour"] ?? 0,
      row["price_source"] ?? "",
    );
  }
  for (const table of ["spend", "scores", "artifacts", "events", "metrics", "runs"]) {
    await transaction.run(`DROP TABLE old_${table}`);
  }
}

/** A project per name of a recipe. */
async function moveProjects(transaction: Transaction): Promise<Map<string, number>> {
  const names = await transaction.all(
    "SELECT name, min(created_at) AS first FROM old_runs GROUP BY name ORDER BY name",
  );
  for (const { name, first } of names) {
    await transaction.run(
      `INSERT INTO projects (name, stage, created_ms, changed_ms) VALUES (?, 'active', ?, ?) ON CONFLICT DO NOTHING`,
      name ?? "",
      milliseconds(first),
      milliseconds(first),
    );
  }
  const rows = await transaction.all("SELECT number, name FROM projects");
  return new Map(rows.map(({ number, name }) => [String(name), Number(number)]));
}

async function moveRun(
  transaction: Transaction,
  row: SqlRow,
  number: number,
  project: number,
): Promise<void> {
  const ended = row["ended_at"] === null ? null : milliseconds(row["ended_at"]);
  const started = milliseconds(row["created_at"]);
  const of = (key: string): SqlValue => row[key] ?? "";
  await transaction.insert({ table: "runs", columns: columns.runs }, [
    [
      ...[number, of("id"), project, of("name"), of("status"), "active", "tunewise", "", "experiment"],
      ...[started, ended, ended ?? started, of("wall_seconds"), of("spent_micro_usd")],
    ],
  ]);
  const rest = Object.keys(columns.recipe_runs).slice(1);
  await transaction.insert({ table: "recipe_runs", columns: columns.recipe_runs }, [
    [number, ...rest.map(of)],
  ]);
}

async function moveMetrics(transaction: Transaction, numbers: ReadonlyMap<string, number>): Promise<void> {
  for (let last = 0; ; ) {
    const sql = "SELECT * FROM old_metrics WHERE sequence > ? ORDER BY sequence LIMIT ?";
    const rows = await transaction.all(sql, last, page);
    const end = rows.at(-1);
    if (!end) return;
    last = Number(end["sequence"]);
    // levels come with version 5
    await writeSeries(
      transaction,
      rows.map((row) => ({
        run: numbers.get(String(row["run_id"])) ?? 0,
        key: String(row["key"]),
        step: Number(row["step"]),
        ms: milliseconds(row["time"]),
        value: Number(row["special"] ?? row["value"]),
      })),
      "replace",
    );
  }
}

function milliseconds(time: unknown): number {
  return Date.parse(String(time));
}

/** A released step is never changed. */
export const ownRuns: readonly string[] = [
  `CREATE TABLE runs (
     id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL, ended_at TEXT,
     recipe_text TEXT NOT NULL, configuration TEXT NOT NULL, data_fingerprint TEXT NOT NULL,
     model TEXT NOT NULL, model_revision TEXT NOT NULL, versions TEXT NOT NULL, folder TEXT NOT NULL,
     wall_seconds {real} NOT NULL, spent_micro_usd {integer} NOT NULL, summary TEXT NOT NULL) {table}`,
  "CREATE INDEX runs_by_time ON runs (created_at, id)",
  // SQLite turns NaN into NULL, so values that are no finite numbers are kept as text in `special`.
  `CREATE TABLE metrics (
     sequence {id}, run_id TEXT NOT NULL REFERENCES runs (id), key TEXT NOT NULL,
     step {integer} NOT NULL, value {real} NOT NULL, special TEXT, time TEXT NOT NULL) {table}`,
  "CREATE INDEX metrics_by_key ON metrics (run_id, key, step, sequence)",
  `CREATE TABLE events (
     sequence {id}, run_id TEXT NOT NULL REFERENCES runs (id), line TEXT NOT NULL) {table}`,
  "CREATE INDEX events_by_run ON events (run_id, sequence)",
  `CREATE TABLE artifacts (
     run_id TEXT NOT NULL REFERENCES runs (id), path TEXT NOT NULL, bytes {integer} NOT NULL,
     sha256 TEXT NOT NULL, PRIMARY KEY (run_id, path)) {table}`,
  `CREATE TABLE scores (
     run_id TEXT NOT NULL REFERENCES runs (id), arm TEXT NOT NULL, metric TEXT NOT NULL,
     value {real} NOT NULL, special TEXT, low {real}, high {real}, row_count {integer} NOT NULL,
     PRIMARY KEY (run_id, metric, arm)) {table}`,
  `CREATE TABLE spend (
     sequence {id}, run_id TEXT NOT NULL REFERENCES runs (id), time TEXT NOT NULL,
     kind TEXT NOT NULL, micro_usd {integer} NOT NULL, seconds {real} NOT NULL,
     price_micro_usd_per_hour {integer} NOT NULL, price_source TEXT NOT NULL) {table}`,
  "CREATE INDEX spend_by_run ON spend (run_id, sequence)",
];

/**
 * Lets PostgreSQL's numbers go on behind the largest one that is there; SQLite's do so by themselves.
 *
 * @param number a column of integers, with or without numbers that are handed out
 */
export async function continueNumbers(
  transaction: Transaction,
  table: string,
  number: string,
): Promise<void> {
  if (transaction.dialect.name !== "postgres") return;
  await transaction.all(
    `SELECT setval(sequence::regclass, greatest(last, 1), last > 0)
     FROM (SELECT pg_get_serial_sequence(?, ?) AS sequence) AS s,
       (SELECT coalesce(max(${number}), 0) AS last FROM ${table}) AS n
     WHERE sequence IS NOT NULL`,
    table,
    number,
  );
}
