/** @file Version 5: what the page needs of runs. */

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
