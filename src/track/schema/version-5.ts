/** @file Version 5 of the schema: what the page reads of runs. */
import type { Transaction } from "../database/database.ts";
import { buildLevels } from "../points/levels.ts";

/** A statement, or a function where rows have to be written. */
type Part = string | ((transaction: Transaction) => Promise<void>);

/**
 * All of what is asked about one metric of many runs is in the index, so that no row of a series is read: sorting
 * 100,000 runs takes 25 ms of processor instead of 500. Its first columns serve what `series_by_value` served.
 */
export const tableIndexes: readonly string[] = [
  "DROP INDEX series_by_value",
  "CREATE INDEX series_by_key ON series (key, run, last_value, last_special)",
];

/**
 * What of a run's money was wasted, and what that judgement rests on: it counts as long as `waste_basis` is what it was
 * (see `ledger/waste.ts`). `waste_kind` is empty where nothing was wasted. NULL: not judged yet.
 */
export const wasteColumns: readonly string[] = [
  "ALTER TABLE runs ADD COLUMN waste_micro_usd {integer}",
  "ALTER TABLE runs ADD COLUMN waste_kind TEXT",
  "ALTER TABLE runs ADD COLUMN waste_basis TEXT",
  "CREATE INDEX runs_not_judged ON runs (number) WHERE waste_basis IS NULL",
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
 * Coarser levels of series. Four blocks make one row of level 1, four of those one of level 2, and so on, each written
 * when the fourth is there: a chart of any length reads a few hundred rows of the level that fits it. `summary` holds
 * four points that were logged: see `points/levels.ts`.
 */
export const levelTables: readonly Part[] = [
  `CREATE TABLE levels (
     series {integer} NOT NULL, level {integer} NOT NULL, block {integer} NOT NULL, from_step {integer} NOT NULL,
     to_step {integer} NOT NULL, from_ms {integer} NOT NULL, to_ms {integer} NOT NULL, summary TEXT NOT NULL,
     PRIMARY KEY (series, level, block)) {clustered}`,
  buildLevels,
];

/** When a run was last changed, by the database's own clock, whoever changed it: triggers write it. */
export const changeTables: readonly Part[] = [
  "ALTER TABLE runs ADD COLUMN changed_ms {integer}",
  "CREATE INDEX runs_by_change ON runs (changed_ms)",
  watchRuns,
];

/** Columns that say something about a run; `document` is a text that is kept to be quicker, and emptied by changes. */
const told =
  "project, name, status, stage, person, purpose, started_ms, ended_ms, seen_ms, deleted_ms, fingerprint, family, " +
  "wall_seconds, spent_micro_usd, launched_by, stop_ms";

/** @source sqlite.org/lang_createtrigger.html; sqlite.org/lang_datefunc.html: julianday counts milliseconds too */
const sqliteNote = `BEGIN UPDATE runs
  SET changed_ms = CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) WHERE number = NEW.number; END`;

/** @source postgresql.org/docs/15: 43.10.1 triggers on data changes, 9.9.5 clock_timestamp */
const watches = {
  sqlite: [
    `CREATE TRIGGER runs_changed AFTER UPDATE OF ${told} ON runs ${sqliteNote}`,
    `CREATE TRIGGER runs_outdated AFTER UPDATE OF document ON runs WHEN NEW.document IS NULL ${sqliteNote}`,
  ],
  postgres: [
    `CREATE OR REPLACE FUNCTION note_run_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       NEW.changed_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
       RETURN NEW; END $$`,
    `CREATE TRIGGER runs_changed BEFORE UPDATE OF ${told} ON runs
       FOR EACH ROW EXECUTE FUNCTION note_run_change()`,
    `CREATE TRIGGER runs_outdated BEFORE UPDATE OF document ON runs
       FOR EACH ROW WHEN (NEW.document IS NULL) EXECUTE FUNCTION note_run_change()`,
  ],
} as const;

async function watchRuns(transaction: Transaction): Promise<void> {
  for (const sql of watches[transaction.dialect.name]) await transaction.run(sql);
}

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
