/**
 * @file Tables of version 2: runs of any client, in projects, with metrics as series of points.
 *
 * `number` is a row's short name inside the database; `id` is what the world calls it. Times are milliseconds since
 * 1970.
 */

/** Version 1's tables step aside first; `moveOwnRuns` brings their rows over. */
export const aside: readonly string[] = ["runs", "metrics", "events", "artifacts", "scores", "spend"].map(
  (table) => `ALTER TABLE ${table} RENAME TO old_${table}`,
);

/** Indexes keep their names when their tables are renamed. */
export const asideIndexes: readonly string[] = [
  "runs_by_time",
  "metrics_by_key",
  "events_by_run",
  "spend_by_run",
].map((index) => `DROP INDEX ${index}`);

/** Projects (MLflow's experiments), runs, and what is said about them in words. */
export const runTables: readonly string[] = [
  `CREATE TABLE projects (
     number {id}, name TEXT NOT NULL UNIQUE, stage TEXT NOT NULL, created_ms {integer} NOT NULL,
     changed_ms {integer} NOT NULL, artifact_root TEXT) {table}`,
  // MLflow's clients expect an experiment 0 of this name.
  "INSERT INTO projects (number, name, stage, created_ms, changed_ms) VALUES (0, 'Default', 'active', 0, 0)",
  `CREATE TABLE project_tags (
     project {integer} NOT NULL REFERENCES projects (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (project, key)) {clustered}`,
  `CREATE TABLE runs (
     number {id}, id TEXT NOT NULL UNIQUE, project {integer} NOT NULL REFERENCES projects (number),
     name TEXT NOT NULL, status TEXT NOT NULL, stage TEXT NOT NULL, client TEXT NOT NULL, person TEXT NOT NULL,
     purpose TEXT NOT NULL, started_ms {integer} NOT NULL, ended_ms {integer}, seen_ms {integer} NOT NULL,
     deleted_ms {integer}, fingerprint TEXT, family TEXT, wall_seconds {real} NOT NULL,
     spent_micro_usd {integer} NOT NULL, document TEXT, launched_by {integer},
     stop_ms {integer}, session_ms {integer}, worked_ms {integer} NOT NULL DEFAULT 0,
     metered_ms {integer} NOT NULL DEFAULT 0) {table}`,
  "CREATE INDEX runs_by_time ON runs (project, stage, started_ms, id)",
  "CREATE INDEX runs_by_fingerprint ON runs (fingerprint)",
  "CREATE INDEX runs_by_family ON runs (family)",
  "CREATE INDEX runs_by_launch ON runs (launched_by)",
  `CREATE TABLE params (
     run {integer} NOT NULL REFERENCES runs (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (run, key)) {clustered}`,
  `CREATE TABLE tags (
     run {integer} NOT NULL REFERENCES runs (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (run, key)) {clustered}`,
  // What only runs of this engine have.
  `CREATE TABLE recipe_runs (
     run {integer} PRIMARY KEY REFERENCES runs (number), recipe_text TEXT NOT NULL, configuration TEXT NOT NULL,
     data_fingerprint TEXT NOT NULL, model TEXT NOT NULL, model_revision TEXT NOT NULL, versions TEXT NOT NULL,
     folder TEXT NOT NULL, summary TEXT NOT NULL) {table}`,
  `CREATE TABLE events (
     sequence {id}, run {integer} NOT NULL REFERENCES runs (number), line TEXT NOT NULL) {table}`,
  "CREATE INDEX events_by_run ON events (run, sequence)",
  `CREATE TABLE artifacts (
     run {integer} NOT NULL REFERENCES runs (number), path TEXT NOT NULL, bytes {integer} NOT NULL,
     sha256 TEXT NOT NULL, PRIMARY KEY (run, path)) {clustered}`,
  `CREATE TABLE scores (
     run {integer} NOT NULL REFERENCES runs (number), arm TEXT NOT NULL, metric TEXT NOT NULL,
     value {real} NOT NULL, special TEXT NOT NULL, low {real}, high {real}, row_count {integer} NOT NULL,
     PRIMARY KEY (run, metric, arm)) {clustered}`,
];

/** Data that runs were given, as clients describe it. */
export const datasetTables: readonly string[] = [
  `CREATE TABLE datasets (
     number {id}, project {integer} NOT NULL REFERENCES projects (number), name TEXT NOT NULL, digest TEXT NOT NULL,
     source_type TEXT NOT NULL, source TEXT NOT NULL, schema TEXT, profile TEXT,
     UNIQUE (project, name, digest)) {table}`,
  `CREATE TABLE inputs (
     run {integer} NOT NULL REFERENCES runs (number), dataset {integer} NOT NULL REFERENCES datasets (number),
     context TEXT NOT NULL, tags TEXT NOT NULL, PRIMARY KEY (run, dataset)) {clustered}`,
];

/**
 * A series is one metric of one run. Its points lie side by side in the order of their steps. A value that is no finite
 * number is kept as text in `special`, which is otherwise empty, so that it can be a part of a key.
 *
 * A block sums up some hundred points that arrived one after the other, so that a chart of a million points reads a few
 * thousand rows. `last_` is the point with the largest (step, time, value), as MLflow defines the latest one.
 */
export const pointTables: readonly string[] = [
  `CREATE TABLE series (
     number {id}, run {integer} NOT NULL REFERENCES runs (number), key TEXT NOT NULL,
     last_step {integer} NOT NULL, last_ms {integer} NOT NULL, last_value {real} NOT NULL, last_special TEXT NOT NULL,
     low {real}, high {real}, blocks {integer} NOT NULL, open_block TEXT NOT NULL, UNIQUE (run, key)) {table}`,
  "CREATE INDEX series_by_value ON series (key, last_value)",
  `CREATE TABLE points (
     series {integer} NOT NULL, step {integer} NOT NULL, ms {integer} NOT NULL, value {real} NOT NULL,
     special TEXT NOT NULL, PRIMARY KEY (series, step, ms, value, special)) {clustered}`,
  `CREATE TABLE blocks (
     series {integer} NOT NULL, block {integer} NOT NULL, from_step {integer} NOT NULL, to_step {integer} NOT NULL,
     from_ms {integer} NOT NULL, to_ms {integer} NOT NULL, summary TEXT NOT NULL,
     PRIMARY KEY (series, block)) {clustered}`,
];
