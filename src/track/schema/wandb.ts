/**
 * @file Tables of version 2: what only runs of Weights & Biases' clients have.
 *
 * A client counts the lines it sends, of each kind by itself. A line that comes again takes the place of the one that
 * was there, so that sending twice changes nothing.
 */

/** Runs as their clients know them, and what they logged that is no number. */
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
