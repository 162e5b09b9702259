/**
 * @file The schema of the SQLite store, as a list of steps that are only ever added to.
 */
import { problem } from "../../problem/index.ts";
import type { Database } from "./database.ts";

/** Step N brings a store from version N to N + 1. A released step is never changed. */
const steps: readonly (readonly string[])[] = [
  [
    `CREATE TABLE runs (
       id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL, ended_at TEXT,
       recipe_text TEXT NOT NULL, configuration TEXT NOT NULL, data_fingerprint TEXT NOT NULL,
       model TEXT NOT NULL, model_revision TEXT NOT NULL, versions TEXT NOT NULL, folder TEXT NOT NULL,
       wall_seconds REAL NOT NULL, spent_micro_usd INTEGER NOT NULL, summary TEXT NOT NULL) STRICT`,
    "CREATE INDEX runs_by_time ON runs (created_at, id)",
    // SQLite turns NaN into NULL, so values that are no finite numbers are kept as text in `special`.
    `CREATE TABLE metrics (
       sequence INTEGER PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs (id), key TEXT NOT NULL,
       step INTEGER NOT NULL, value REAL NOT NULL, special TEXT, time TEXT NOT NULL) STRICT`,
    "CREATE INDEX metrics_by_key ON metrics (run_id, key, step, sequence)",
    `CREATE TABLE events (
       sequence INTEGER PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs (id), line TEXT NOT NULL) STRICT`,
    "CREATE INDEX events_by_run ON events (run_id, sequence)",
    `CREATE TABLE artifacts (
       run_id TEXT NOT NULL REFERENCES runs (id), path TEXT NOT NULL, bytes INTEGER NOT NULL,
       sha256 TEXT NOT NULL, PRIMARY KEY (run_id, path)) STRICT`,
    `CREATE TABLE scores (
       run_id TEXT NOT NULL REFERENCES runs (id), arm TEXT NOT NULL, metric TEXT NOT NULL,
       value REAL NOT NULL, special TEXT, low REAL, high REAL, row_count INTEGER NOT NULL,
       PRIMARY KEY (run_id, metric, arm)) STRICT`,
    `CREATE TABLE spend (
       sequence INTEGER PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs (id), time TEXT NOT NULL,
       kind TEXT NOT NULL, micro_usd INTEGER NOT NULL, seconds REAL NOT NULL,
       price_micro_usd_per_hour INTEGER NOT NULL, price_source TEXT NOT NULL) STRICT`,
    "CREATE INDEX spend_by_run ON spend (run_id, sequence)",
  ],
];

/** The schema version this code reads and writes. */
export const schemaVersion: number = steps.length;

/**
 * Brings the store to the newest schema, in one transaction, so that two processes opening a new store agree.
 *
 * @throws {TunewiseError} `STORE_NEWER` if it was written by a newer tunewise
 */
export function migrate(database: Database): void {
  if (versionOf(database) === schemaVersion) return;
  database.transaction(() => {
    database.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT");
    const found = versionOf(database);
    if (found > schemaVersion) {
      throw problem("STORE_NEWER", { path: database.path, found, known: schemaVersion });
    }
    for (const step of steps.slice(found)) for (const sql of step) database.run(sql);
    database.run("DELETE FROM schema_version");
    database.run("INSERT INTO schema_version (version) VALUES (?)", schemaVersion);
  });
}

/** 0 for a store without tables. */
function versionOf(database: Database): number {
  const table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'";
  if (database.all(table).length === 0) return 0;
  return Number(database.all("SELECT version FROM schema_version")[0]?.["version"] ?? 0);
}
