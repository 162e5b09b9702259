/**
 * @file The record of runs on SQLite. The driver is synchronous; the port is not, so that PostgreSQL fits
 * it too.
 */
import { problem } from "../../problem/index.ts";
import type { Metric, Run } from "../../run/index.ts";
import { eventLine, readEventLine } from "../event-line.ts";
import type { Artifact, RecordBatch, RunQuery, ScoreEntry, SpendEntry, Store, TimedEvent } from "../store.ts";
import type { Database, SqlValue } from "./database.ts";
import { artifactFrom, metricFrom, numberColumns, runFrom, scoreFrom, spendFrom, totalFrom } from "./rows.ts";

/** The store over an open database, which it owns from here on. */
export function sqliteStore(database: Database): Store {
  return {
    createRun: async (run) => createRun(database, run),
    record: async (batch) => database.transaction(() => writeBatch(database, batch)),
    listRuns: async (query = {}) => listRuns(database, query),
    findRun: async (idOrBeginning) => findRun(database, idOrBeginning),
    metricKeys: async (runId) =>
      database
        .all("SELECT DISTINCT key FROM metrics WHERE run_id = ? ORDER BY key", runId)
        .map((row) => String(row["key"])),
    metricHistory: async (runId, key) => metricHistory(database, runId, key),
    events: async (runId) => events(database, runId),
    artifacts: async (runId) =>
      database.all("SELECT * FROM artifacts WHERE run_id = ? ORDER BY path", runId).map(artifactFrom),
    scores: async (runId) =>
      database.all("SELECT * FROM scores WHERE run_id = ? ORDER BY metric, arm", runId).map(scoreFrom),
    spend: async (runId) =>
      database.all("SELECT * FROM spend WHERE run_id = ? ORDER BY sequence", runId).map(spendFrom),
    totalSpend: async (runId) => {
      const sums = "SELECT sum(micro_usd) AS micro_usd, sum(seconds) AS seconds FROM spend WHERE run_id = ?";
      return totalFrom(database.all(sums, runId)[0]);
    },
    close: async () => database.close(),
  };
}

const runColumns: readonly (readonly [column: string, key: keyof Run])[] = [
  ["id", "id"],
  ["name", "name"],
  ["status", "status"],
  ["created_at", "createdAt"],
  ["ended_at", "endedAt"],
  ["recipe_text", "recipeText"],
  ["configuration", "configuration"],
  ["data_fingerprint", "dataFingerprint"],
  ["model", "model"],
  ["model_revision", "modelRevision"],
  ["versions", "versions"],
  ["folder", "folder"],
  ["wall_seconds", "wallSeconds"],
  ["spent_micro_usd", "spentMicroUsd"],
  ["summary", "summary"],
];

function createRun(database: Database, run: Run): void {
  const names = runColumns.map(([column]) => column).join(", ");
  const marks = runColumns.map(() => "?").join(", ");
  const sql = `INSERT INTO runs (${names}) VALUES (${marks}) ON CONFLICT (id) DO NOTHING`;
  const added = database.transaction(() => database.run(sql, ...runColumns.map(([, key]) => run[key])));
  if (added === 0) throw problem("RUN_EXISTS", { id: run.id, path: database.path });
}

function writeBatch(database: Database, batch: RecordBatch): void {
  for (const id of runIdsOf(batch)) {
    if (database.all("SELECT 1 FROM runs WHERE id = ?", id).length === 0) {
      throw problem("RUN_NOT_FOUND", { id, store: database.path });
    }
  }
  if (batch.run) changeRun(database, batch.run.id, batch.run.change);
  for (const metric of batch.metrics ?? []) addMetric(database, metric);
  for (const item of batch.events?.items ?? []) {
    database.run(
      "INSERT INTO events (run_id, line) VALUES (?, ?)",
      batch.events?.runId ?? "",
      eventLine(item),
    );
  }
  for (const artifact of batch.artifacts ?? []) putArtifact(database, artifact);
  for (const score of batch.scores ?? []) putScore(database, score);
  for (const entry of batch.spend ?? []) addSpend(database, entry);
}

function runIdsOf(batch: RecordBatch): Set<string> {
  const facts = [batch.metrics ?? [], batch.artifacts ?? [], batch.scores ?? [], batch.spend ?? []].flat();
  const ids = new Set(facts.map((fact) => fact.runId));
  if (batch.run) ids.add(batch.run.id);
  if (batch.events) ids.add(batch.events.runId);
  return ids;
}

function changeRun(database: Database, id: string, change: Partial<Run>): void {
  for (const [column, key] of runColumns) {
    const value: SqlValue | undefined = change[key];
    if (value !== undefined) database.run(`UPDATE runs SET ${column} = ? WHERE id = ?`, value, id);
  }
}

function addMetric(database: Database, metric: Metric): void {
  const sql = "INSERT INTO metrics (run_id, key, step, value, special, time) VALUES (?, ?, ?, ?, ?, ?)";
  database.run(sql, metric.runId, metric.key, metric.step, ...numberColumns(metric.value), metric.time);
}

function putArtifact(database: Database, artifact: Artifact): void {
  const sql = "INSERT OR REPLACE INTO artifacts (run_id, path, bytes, sha256) VALUES (?, ?, ?, ?)";
  database.run(sql, artifact.runId, artifact.path, artifact.bytes, artifact.sha256);
}

function putScore(database: Database, score: ScoreEntry): void {
  const columns = "run_id, arm, metric, value, special, low, high, row_count";
  const sql = `INSERT OR REPLACE INTO scores (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
  const value = numberColumns(score.value);
  database.run(sql, score.runId, score.arm, score.metric, ...value, score.low, score.high, score.rows);
}

function addSpend(database: Database, entry: SpendEntry): void {
  const columns = "run_id, time, kind, micro_usd, seconds, price_micro_usd_per_hour, price_source";
  const { runId, time, kind, spent, duration, priceUsdPerHour, priceSource } = entry;
  const sql = `INSERT INTO spend (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`;
  database.run(sql, runId, time, kind, spent, duration, priceUsdPerHour, priceSource);
}

function listRuns(database: Database, query: RunQuery): Run[] {
  const sql = `SELECT * FROM runs WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR name = ?2)
               ORDER BY created_at DESC, id DESC LIMIT ?3`;
  return database.all(sql, query.status ?? null, query.name ?? null, query.limit ?? 100).map(runFrom);
}

/** So many fitting runs are named in the message. */
const namedMax = 5;

function findRun(database: Database, wanted: string): Run {
  const exact = database.all("SELECT * FROM runs WHERE id = ?", wanted)[0];
  if (exact) return runFrom(exact);
  const sql = "SELECT * FROM runs WHERE substr(id, 1, length(?1)) = ?1 ORDER BY created_at DESC, id DESC";
  const fitting = wanted === "" ? [] : database.all(sql, wanted).map(runFrom);
  const [first] = fitting;
  if (!first) throw problem("RUN_NOT_FOUND", { id: wanted, store: database.path });
  if (fitting.length === 1) return first;
  const named = fitting.slice(0, namedMax).map((run) => run.id);
  const rest = fitting.length > namedMax ? ` and ${fitting.length - namedMax} more` : "";
  const runs = named.join(", ") + rest;
  throw problem("RUN_AMBIGUOUS", { id: wanted, count: fitting.length, runs, example: first.id });
}

function metricHistory(database: Database, runId: string, key: string): Metric[] {
  // With a bare max(), SQLite takes the other columns from the row that has the maximum.
  const sql = `SELECT run_id, key, step, value, special, time, max(sequence) FROM metrics
               WHERE run_id = ? AND key = ? GROUP BY step ORDER BY step`;
  return database.all(sql, runId, key).map(metricFrom);
}

function events(database: Database, runId: string): TimedEvent[] {
  const rows = database.all("SELECT line FROM events WHERE run_id = ? ORDER BY sequence", runId);
  return rows.map((row) => readEventLine(String(row["line"]))).filter((item) => item !== null);
}
