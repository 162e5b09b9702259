/** @file Tables of the schema: runs of all clients, the ledger, W&B data, models, users and the audit log. */

/**
 * Projects (MLflow's experiments), runs, and their parameters and tags.
 *
 * Columns of `runs`: `kind` is the kind of run (`RunKind`), `verdict` the verdict of a try, and `stopped_by` why it
 * ended before its last step or was asked to (`StopCause`). `identity` is the digest of a client's parameters, data and
 * code, and `repeats` the earlier run with the same identity (see `tracking/repetition.ts`). `waste_micro_usd` is the
 * wasted part of its cost, valid while `waste_basis` is unchanged (see `ledger/waste.ts`); `waste_kind` is empty if
 * there is no waste, and NULL if it has not been assessed. `changed_ms` is set by triggers.
 */
export const runTables: readonly string[] = [
  `CREATE TABLE projects (
     number {id}, name TEXT NOT NULL UNIQUE, stage TEXT NOT NULL, created_ms {integer} NOT NULL,
     changed_ms {integer} NOT NULL, artifact_root TEXT) {table}`,
  // MLflow clients expect an experiment 0 with this name.
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
     metered_ms {integer} NOT NULL DEFAULT 0, waste_micro_usd {integer}, waste_kind TEXT, waste_basis TEXT,
     changed_ms {integer}, kind TEXT NOT NULL DEFAULT 'run', verdict TEXT, stopped_by TEXT, identity TEXT,
     repeats {integer}) {table}`,
  "CREATE INDEX runs_by_time ON runs (project, stage, started_ms, id)",
  "CREATE INDEX runs_by_fingerprint ON runs (fingerprint)",
  "CREATE INDEX runs_by_family ON runs (family)",
  "CREATE INDEX runs_by_launch ON runs (launched_by)",
  "CREATE INDEX runs_not_judged ON runs (number) WHERE waste_basis IS NULL",
  "CREATE INDEX runs_by_change ON runs (changed_ms)",
  "CREATE INDEX runs_by_identity ON runs (identity)",
  `CREATE TABLE params (
     run {integer} NOT NULL REFERENCES runs (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (run, key)) {clustered}`,
  `CREATE TABLE tags (
     run {integer} NOT NULL REFERENCES runs (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (run, key)) {clustered}`,
  // Data that only runs of the built-in engine have.
  `CREATE TABLE recipe_runs (
     run {integer} PRIMARY KEY REFERENCES runs (number), recipe_text TEXT NOT NULL, configuration TEXT NOT NULL,
     data_fingerprint TEXT NOT NULL, model TEXT NOT NULL, model_revision TEXT NOT NULL, versions TEXT NOT NULL,
     folder TEXT NOT NULL, summary TEXT NOT NULL) {table}`,
  `CREATE TABLE events (
     sequence {id}, run {integer} NOT NULL REFERENCES runs (number), line TEXT NOT NULL,
     kind TEXT NOT NULL DEFAULT '') {table}`,
  "CREATE INDEX events_by_run ON events (run, sequence)",
  `CREATE TABLE artifacts (
     run {integer} NOT NULL REFERENCES runs (number), path TEXT NOT NULL, bytes {integer} NOT NULL,
     sha256 TEXT NOT NULL, PRIMARY KEY (run, path)) {clustered}`,
  `CREATE TABLE scores (
     run {integer} NOT NULL REFERENCES runs (number), arm TEXT NOT NULL, metric TEXT NOT NULL,
     value {real} NOT NULL, special TEXT NOT NULL, low {real}, high {real}, row_count {integer} NOT NULL,
     PRIMARY KEY (run, metric, arm)) {clustered}`,
];

/** Datasets of runs, as described by clients. */
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
 * A series is one metric of one run. Its points are stored in the order of their steps. A value that is not finite is
 * stored as text in `special`, which is otherwise empty, so that it can be part of a key.
 *
 * A block summarizes 128 consecutively received points, so that a chart of a million points reads a few thousand rows.
 * `last_` is the point with the largest (step, time, value), MLflow's definition of the latest one. The index
 * `series_by_key` covers queries about one metric of many runs, so that no row of a series is read: sorting 100,000
 * runs takes 25 ms of CPU time instead of 500.
 *
 * Four blocks form one row of level 1 of `levels`, four of those one of level 2, and so on; each is written when its
 * fourth part exists. A chart of any length reads a few hundred rows of the level with a suitable resolution. `summary`
 * contains four logged points: see `points/levels.ts`.
 */
export const pointTables: readonly string[] = [
  `CREATE TABLE series (
     number {id}, run {integer} NOT NULL REFERENCES runs (number), key TEXT NOT NULL,
     last_step {integer} NOT NULL, last_ms {integer} NOT NULL, last_value {real} NOT NULL, last_special TEXT NOT NULL,
     low {real}, high {real}, blocks {integer} NOT NULL, open_block TEXT NOT NULL, UNIQUE (run, key)) {table}`,
  "CREATE INDEX series_by_key ON series (key, run, last_value, last_special)",
  `CREATE TABLE points (
     series {integer} NOT NULL, step {integer} NOT NULL, ms {integer} NOT NULL, value {real} NOT NULL,
     special TEXT NOT NULL, PRIMARY KEY (series, step, ms, value, special)) {clustered}`,
  `CREATE TABLE blocks (
     series {integer} NOT NULL, block {integer} NOT NULL, from_step {integer} NOT NULL, to_step {integer} NOT NULL,
     from_ms {integer} NOT NULL, to_ms {integer} NOT NULL, summary TEXT NOT NULL,
     PRIMARY KEY (series, block)) {clustered}`,
  `CREATE TABLE levels (
     series {integer} NOT NULL, level {integer} NOT NULL, block {integer} NOT NULL, from_step {integer} NOT NULL,
     to_step {integer} NOT NULL, from_ms {integer} NOT NULL, to_ms {integer} NOT NULL, summary TEXT NOT NULL,
     PRIMARY KEY (series, level, block)) {clustered}`,
];

/**
 * Append-only, except for entries of kind `reserved` (`ledger/charges.ts`). `quantity` counts `unit`s if something
 * other than time was paid for.
 */
export const ledgerTables: readonly string[] = [
  `CREATE TABLE spend (
     sequence {id}, run {integer} NOT NULL REFERENCES runs (number), ms {integer} NOT NULL, kind TEXT NOT NULL,
     micro_usd {integer} NOT NULL, seconds {real} NOT NULL, quantity {real} NOT NULL, unit TEXT NOT NULL,
     price_micro_usd_per_hour {integer} NOT NULL, price_source TEXT NOT NULL) {table}`,
  "CREATE INDEX spend_by_run ON spend (run, sequence)",
  "CREATE INDEX spend_by_time ON spend (ms)",
  // Without a project: shared by all projects.
  `CREATE TABLE budgets (
     number {id}, project {integer} REFERENCES projects (number), period TEXT NOT NULL,
     micro_usd {integer} NOT NULL) {table}`,
  // Commands with a budget: \`micro_usd\` and \`metered_ms\` are the last meter reading, all of it in the ledger.
  `CREATE TABLE launches (
     run {integer} PRIMARY KEY REFERENCES runs (number), command TEXT NOT NULL, host TEXT NOT NULL,
     price_micro_usd_per_hour {integer} NOT NULL, price_source TEXT NOT NULL, cap_micro_usd {integer},
     micro_usd {integer} NOT NULL, metered_ms {integer} NOT NULL) {table}`,
];

/**
 * Runs of W&B clients as these identify them, and non-numeric data that they logged. A client numbers the lines it
 * sends, separately for each kind. A line with an existing number replaces that line, so that sending it twice has no
 * effect.
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

/** Logged models, with their parameters, tags and metrics. */
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
  // Any run may measure a model on any dataset; name and digest of the dataset are empty if the client gave none.
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

/**
 * Registered models and their versions. Version numbers up to `last_version` are never reused, even after a version is
 * deleted.
 */
const registryTables: readonly string[] = [
  `CREATE TABLE registered_models (
     number {id}, name TEXT NOT NULL UNIQUE, description TEXT, created_ms {integer} NOT NULL,
     changed_ms {integer} NOT NULL, last_version {integer} NOT NULL) {table}`,
  `CREATE TABLE registered_model_tags (
     model {integer} NOT NULL REFERENCES registered_models (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (model, key)) {clustered}`,
  // `source` is the client's address, `address` is where the files are on this server.
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

/** All tables of models. */
export const modelTables: readonly string[] = [...loggedModelTables, ...registryTables];

/**
 * A trace's spans are stored as a file in the artifact store; these tables hold what searches need. `requested_ms` and
 * `duration_ms` are the trace's start and duration. Of an assessment, `document` is the client's JSON, `value` its
 * value as text, and `value_number` its value as a number, if it is one.
 */
export const traceTables: readonly string[] = [
  `CREATE TABLE traces (
     number {id}, id TEXT NOT NULL UNIQUE, project {integer} NOT NULL REFERENCES projects (number),
     requested_ms {integer} NOT NULL, duration_ms {integer}, state TEXT NOT NULL, client_request_id TEXT,
     request_preview TEXT, response_preview TEXT) {table}`,
  "CREATE INDEX traces_by_time ON traces (project, requested_ms, id)",
  `CREATE TABLE trace_tags (
     trace {integer} NOT NULL REFERENCES traces (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (trace, key)) {clustered}`,
  `CREATE TABLE trace_metadata (
     trace {integer} NOT NULL REFERENCES traces (number), key TEXT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (trace, key)) {clustered}`,
  `CREATE TABLE assessments (
     number {id}, id TEXT NOT NULL UNIQUE, trace {integer} NOT NULL REFERENCES traces (number), name TEXT NOT NULL,
     kind TEXT NOT NULL, value TEXT, value_number {real}, document TEXT NOT NULL, created_ms {integer} NOT NULL,
     changed_ms {integer} NOT NULL, is_valid {integer} NOT NULL) {table}`,
  "CREATE INDEX assessments_by_trace ON assessments (trace, number)",
  // Refers to the trace's id, because clients link a trace before they send its spans.
  `CREATE TABLE run_traces (
     run {integer} NOT NULL REFERENCES runs (number), trace TEXT NOT NULL, PRIMARY KEY (run, trace)) {clustered}`,
  "CREATE INDEX run_traces_by_trace ON run_traces (trace)",
];

/**
 * Saved views of the dashboard. `place` is `project:N` for everyone who may read the project, or `person:NAME` for that
 * user only; names are unique within a place. `state` is JSON that only the dashboard reads.
 */
export const viewTables: readonly string[] = [
  `CREATE TABLE views (
     number {id}, place TEXT NOT NULL, name TEXT NOT NULL, project {integer} REFERENCES projects (number),
     owner TEXT NOT NULL, state TEXT NOT NULL, changed_ms {integer} NOT NULL, UNIQUE (place, name)) {table}`,
];

/**
 * Paid answers, spending accounts, and leases on requests in flight. `request` is the digest of a request at an
 * endpoint; `answer` is JSON. A reservation is money set aside for a request in flight. It counts at its maximum from
 * the start, so that no action is needed if its owner dies.
 */
export const answerTables: readonly string[] = [
  `CREATE TABLE paid_answers (
     request TEXT PRIMARY KEY, model TEXT NOT NULL, answer TEXT NOT NULL, prompt_tokens {integer} NOT NULL,
     answer_tokens {integer} NOT NULL, micro_usd {integer} NOT NULL, ms {integer} NOT NULL) {table}`,
  "CREATE TABLE purses (name TEXT PRIMARY KEY, spent_micro_usd {integer} NOT NULL) {table}",
  `CREATE TABLE purse_reservations (
     number {id}, purse TEXT NOT NULL REFERENCES purses (name), holder TEXT NOT NULL, request TEXT NOT NULL,
     micro_usd_most {integer} NOT NULL, ms {integer} NOT NULL, expires_ms {integer} NOT NULL) {table}`,
  "CREATE INDEX purse_reservations_by_purse ON purse_reservations (purse)",
  `CREATE TABLE answer_claims (
     request TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_ms {integer} NOT NULL) {table}`,
];

/**
 * Progress of reading the journals of runs. `position` is the number of the last entry of a run's journal that the
 * store has applied.
 */
export const journalTables: readonly string[] = [
  `CREATE TABLE journals (
     run {integer} PRIMARY KEY REFERENCES runs (number), position {integer} NOT NULL) {table}`,
];

/**
 * Passwords and tokens are stored only as hashes. `prefix` is the part of a token that may be displayed. `used_ms` is
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

/** Entries refer to users and items by name, so that they outlive both. */
const auditTables: readonly string[] = [
  `CREATE TABLE audit (
     sequence {id}, ms {integer} NOT NULL, person TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
     detail TEXT NOT NULL) {table}`,
  "CREATE INDEX audit_by_subject ON audit (subject)",
];

/** All tables of users, access and the audit log. */
export const accessTables: readonly string[] = [...userTables, ...auditTables];
