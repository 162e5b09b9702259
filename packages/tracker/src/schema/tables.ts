/** @file Tables of the schema: runs of all clients, the ledger, W&B's own, models, users and the audit. */

/**
 * Projects (MLflow's experiments), runs, and what is said about them in words.
 *
 * Of `runs`: `kind` is what a run is (`RunKind`), `verdict` the decision of a try, `stopped_by` the cause for which it
 * ended before its last step, or is to (`StopCause`). `identity` is the digest of a client's parameters, data and
 * code, and `repeats` the earlier run with the same one (see `tracking/repetition.ts`). `waste_micro_usd` is what of
 * its money was wasted, which counts as long as `waste_basis` is what it was (see `ledger/waste.ts`); `waste_kind` is
 * empty where nothing was, and NULL where nobody has judged yet. `changed_ms` is written by triggers.
 */
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
  // What only runs of this engine have.
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
 * thousand rows. `last_` is the point with the largest (step, time, value), as MLflow defines the latest one. All of
 * what is asked about one metric of many runs is in `series_by_key`, so that no row of a series is read: sorting
 * 100,000 runs takes 25 ms of processor instead of 500.
 *
 * Four blocks make one row of level 1 of `levels`, four of those one of level 2, and so on, each written when the
 * fourth is there: a chart of any length reads a few hundred rows of the level that fits it. `summary` holds four
 * points that were logged: see `points/levels.ts`.
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
 * A trace's spans are a file in the store of artifacts; here is what searches look at. `requested_ms` and `duration_ms`
 * are its beginning and its length, `document` an assessment as its client wrote it, in JSON; `value` its value as text
 * and `number` as a number, where it is one.
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
  // by the trace's id: clients link a trace whose spans they send a moment later
  `CREATE TABLE run_traces (
     run {integer} NOT NULL REFERENCES runs (number), trace TEXT NOT NULL, PRIMARY KEY (run, trace)) {clustered}`,
  "CREATE INDEX run_traces_by_trace ON run_traces (trace)",
];

/**
 * Views of the page that somebody saved. `place` is `project:N`, for all who may read the project, or `person:NAME`,
 * for that person alone; a name is used once in a place. `state` is JSON that only the page reads.
 */
export const viewTables: readonly string[] = [
  `CREATE TABLE views (
     number {id}, place TEXT NOT NULL, name TEXT NOT NULL, project {integer} REFERENCES projects (number),
     owner TEXT NOT NULL, state TEXT NOT NULL, changed_ms {integer} NOT NULL, UNIQUE (place, name)) {table}`,
];

/**
 * Answers that were paid for, what may still be spent on asking, and who is asking what. `request` is the
 * digest of a question at an endpoint; `answer` is JSON. A reservation is money set aside for a
 * request in flight: it is counted at its most from the start, so that nothing has to happen when its holder dies.
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

/** How far the store has read the journals of runs. `position` is the number of the last entry of the run's journal that is in the store. */
export const journalTables: readonly string[] = [
  `CREATE TABLE journals (
     run {integer} PRIMARY KEY REFERENCES runs (number), position {integer} NOT NULL) {table}`,
];

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
  "CREATE INDEX audit_by_subject ON audit (subject)",
];

/** All of them. */
export const accessTables: readonly string[] = [...userTables, ...auditTables];
