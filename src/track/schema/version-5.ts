/** @file Tables of version 5: traces of programs that call models, and what people and scorers say about them. */

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
  `CREATE TABLE run_traces (
     run {integer} NOT NULL REFERENCES runs (number), trace {integer} NOT NULL REFERENCES traces (number),
     PRIMARY KEY (run, trace)) {clustered}`,
  "CREATE INDEX run_traces_by_trace ON run_traces (trace)",
];
