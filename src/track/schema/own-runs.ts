/** @file Tables of version 1: runs of this machine's own engine. */

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
