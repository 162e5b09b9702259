/**
 * @file Tables of models: those that runs logged, and the registry that names some of them.
 */

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
