/** @file Tables of version 2: runs of all clients, the ledger, W&B's own, models, users and the audit. */
import type { Transaction } from "../database/database.ts";

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

/** Lines are only ever added, those of kind `reserved` aside (`ledger/charges.ts`). `quantity` counts `unit`s where something else than time was paid for. */
export const ledgerTables: readonly string[] = [
  `CREATE TABLE spend (
     sequence {id}, run {integer} NOT NULL REFERENCES runs (number), ms {integer} NOT NULL, kind TEXT NOT NULL,
     micro_usd {integer} NOT NULL, seconds {real} NOT NULL, quantity {real} NOT NULL, unit TEXT NOT NULL,
     price_micro_usd_per_hour {integer} NOT NULL, price_source TEXT NOT NULL) {table}`,
  "CREATE INDEX spend_by_run ON spend (run, sequence)",
  "CREATE INDEX spend_by_time ON spend (ms)",
  // Without a project: for all of them together.
  `CREATE TABLE budgets (
     number {id}, project {integer} REFERENCES projects (number), period TEXT NOT NULL,
     micro_usd {integer} NOT NULL) {table}`,
  // Commands in a budget: \`micro_usd\` and \`metered_ms\` are what their meters said last, all of it in the ledger.
  `CREATE TABLE launches (
     run {integer} PRIMARY KEY REFERENCES runs (number), command TEXT NOT NULL, host TEXT NOT NULL,
     price_micro_usd_per_hour {integer} NOT NULL, price_source TEXT NOT NULL, cap_micro_usd {integer},
     micro_usd {integer} NOT NULL, metered_ms {integer} NOT NULL) {table}`,
];

/**
 * Runs of W&B's clients as they know them, and what they logged that is no number. A client counts the lines it sends,
 * of each kind by itself. A line that comes again takes the place of the one that was there, so that sending twice
 * changes nothing.
 */
export const wandbTables: readonly string[] = [
  `CREATE TABLE wandb_runs (
     run {integer} PRIMARY KEY REFERENCES runs (number), entity TEXT NOT NULL, project TEXT NOT NULL,
     name TEXT NOT NULL, config TEXT NOT NULL, summary TEXT NOT NULL, history_lines {integer} NOT NULL,
     event_lines {integer} NOT NULL, console_lines {integer} NOT NULL, history_tail TEXT NOT NULL,
     events_tail TEXT NOT NULL, logged_ms {integer} NOT NULL, UNIQUE (entity, project, name)) {table}`,
  `CREATE TABLE wandb_rows (
     run {integer} NOT NULL, kind TEXT NOT NULL, line {integer} NOT NULL, step {integer} NOT NULL,
     content TEXT NOT NULL, PRIMARY KEY (run, kind, line)) {clustered}`,
  `CREATE TABLE console_lines (
     run {integer} NOT NULL, line {integer} NOT NULL, content TEXT NOT NULL, PRIMARY KEY (run, line)) {clustered}`,
  "CREATE TABLE server_secrets (name TEXT PRIMARY KEY, secret TEXT NOT NULL) {table}",
  `CREATE TABLE wandb_artifacts (
     number {id}, project {integer} NOT NULL REFERENCES projects (number), entity TEXT NOT NULL,
     project_name TEXT NOT NULL, type TEXT NOT NULL, collection TEXT NOT NULL, version {integer}, state TEXT NOT NULL,
     digest TEXT NOT NULL, description TEXT, metadata TEXT, run {integer}, client_id TEXT, sequence_client_id TEXT,
     created_ms {integer} NOT NULL, manifest TEXT, history_step {integer},
     wanted_aliases TEXT NOT NULL,
     UNIQUE (project, collection, version)) {table}`,
  "CREATE INDEX wandb_artifacts_by_client ON wandb_artifacts (client_id)",
  `CREATE TABLE wandb_aliases (
     project {integer} NOT NULL, collection TEXT NOT NULL, alias TEXT NOT NULL, artifact {integer} NOT NULL,
     PRIMARY KEY (project, collection, alias)) {clustered}`,
  `CREATE TABLE wandb_artifact_files (
     artifact {integer} NOT NULL, name TEXT NOT NULL, md5 TEXT NOT NULL, bytes {integer} NOT NULL,
     PRIMARY KEY (artifact, name)) {clustered}`,
  `CREATE TABLE wandb_uses (
     run {integer} NOT NULL, artifact {integer} NOT NULL, PRIMARY KEY (run, artifact)) {clustered}`,
];

/** A model that a run logged, and what is said about it. */
const loggedModelTables: readonly string[] = [
  `CREATE TABLE logged_models (
     number {id}, id TEXT NOT NULL UNIQUE, project {integer} NOT NULL REFERENCES projects (number),
     name TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, stage TEXT NOT NULL, source_run TEXT,
     created_ms {integer} NOT NULL, changed_ms {integer} NOT NULL) {table}`,
  "CREATE INDEX logged_models_by_time ON logged_models (project, stage, created_ms, id)",
  `CREATE TABLE logged_model_tags (
     model {integer} NOT NULL REFERENCES logged_models (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (model, key)) {clustered}`,
  `CREATE TABLE logged_model_params (
     model {integer} NOT NULL REFERENCES logged_models (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (model, key)) {clustered}`,
  // Any run may measure a model, on any data; the data's name and digest are empty where the client gave none.
  `CREATE TABLE logged_model_metrics (
     model {integer} NOT NULL REFERENCES logged_models (number), key TEXT NOT NULL, step {integer} NOT NULL,
     ms {integer} NOT NULL, run {integer} NOT NULL REFERENCES runs (number), dataset_name TEXT NOT NULL,
     dataset_digest TEXT NOT NULL, value {real} NOT NULL, special TEXT NOT NULL,
     PRIMARY KEY (model, key, step, ms, run, dataset_name, dataset_digest, value, special)) {clustered}`,
  `CREATE TABLE run_outputs (
     run {integer} NOT NULL REFERENCES runs (number), model {integer} NOT NULL REFERENCES logged_models (number),
     step {integer} NOT NULL, PRIMARY KEY (run, model, step)) {clustered}`,
  `CREATE TABLE run_model_inputs (
     run {integer} NOT NULL REFERENCES runs (number), model {integer} NOT NULL REFERENCES logged_models (number),
     PRIMARY KEY (run, model)) {clustered}`,
];

/** Names, and the versions under them. `last_version` is never given out again, also where the version is gone. */
const registryTables: readonly string[] = [
  `CREATE TABLE registered_models (
     number {id}, name TEXT NOT NULL UNIQUE, description TEXT, created_ms {integer} NOT NULL,
     changed_ms {integer} NOT NULL, last_version {integer} NOT NULL) {table}`,
  `CREATE TABLE registered_model_tags (
     model {integer} NOT NULL REFERENCES registered_models (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (model, key)) {clustered}`,
  // `source` is the client's word, `address` where the files lie on this server.
  `CREATE TABLE model_versions (
     number {id}, model {integer} NOT NULL REFERENCES registered_models (number), version {integer} NOT NULL,
     stage TEXT NOT NULL, description TEXT, source TEXT NOT NULL, address TEXT NOT NULL, run TEXT, run_link TEXT,
     logged_model TEXT, person TEXT NOT NULL, created_ms {integer} NOT NULL, changed_ms {integer} NOT NULL,
     UNIQUE (model, version)) {table}`,
  "CREATE INDEX model_versions_by_run ON model_versions (run)",
  "CREATE INDEX model_versions_by_time ON model_versions (changed_ms)",
  `CREATE TABLE model_version_tags (
     version {integer} NOT NULL REFERENCES model_versions (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (version, key)) {clustered}`,
  `CREATE TABLE model_aliases (
     model {integer} NOT NULL REFERENCES registered_models (number), alias TEXT NOT NULL,
     version {integer} NOT NULL REFERENCES model_versions (number), PRIMARY KEY (model, alias)) {clustered}`,
];

/** All of them. */
export const modelTables: readonly string[] = [...loggedModelTables, ...registryTables];

/**
 * Of a password and of a token only hashes are kept. `prefix` is the part of a token that may be shown. `used_ms` is
 * coarse: see `noteTokenUse`.
 */
const userTables: readonly string[] = [
  `CREATE TABLE users (
     number {id}, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, password TEXT, created_ms {integer} NOT NULL) {table}`,
  `CREATE TABLE tokens (
     number {id}, owner {integer} NOT NULL REFERENCES users (number), name TEXT NOT NULL, prefix TEXT NOT NULL UNIQUE,
     digest TEXT NOT NULL UNIQUE, created_ms {integer} NOT NULL, expires_ms {integer}, revoked_ms {integer},
     used_ms {integer}) {table}`,
  "CREATE INDEX tokens_by_owner ON tokens (owner)",
  `CREATE TABLE grants (
     project {integer} NOT NULL REFERENCES projects (number), person {integer} NOT NULL REFERENCES users (number),
     role TEXT NOT NULL, PRIMARY KEY (person, project)) {clustered}`,
  "CREATE TABLE access_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) {table}",
];

/** Lines name people and things by their words, so that they outlive both. */
const auditTables: readonly string[] = [
  `CREATE TABLE audit (
     sequence {id}, ms {integer} NOT NULL, person TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
     detail TEXT NOT NULL) {table}`,
];

const refusal = "lines of the audit are only ever added";

/** What keeps lines from being changed, in each database's own words. */
const auditGuards = {
  sqlite: ["UPDATE", "DELETE"].map(
    (change) => `CREATE TRIGGER audit_no_${change.toLowerCase()} BEFORE ${change} ON audit
      BEGIN SELECT RAISE(ABORT, '${refusal}'); END`,
  ),
  postgres: [
    `CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION '${refusal}'; END $$`,
    `CREATE TRIGGER audit_fixed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()`,
  ],
} as const;

/** Makes the audit a place where lines are only ever added. */
async function guardAudit(transaction: Transaction): Promise<void> {
  for (const sql of auditGuards[transaction.dialect.name]) await transaction.run(sql);
}

/** All of them, and the guard of the audit. */
export const accessTables: readonly (string | ((transaction: Transaction) => Promise<void>))[] = [
  ...userTables,
  ...auditTables,
  guardAudit,
];
