/**
 * @file Tables of version 4: how far the store has read the journals of runs.
 */

/** `position` is the number of the last entry of the run's journal that is in the store. */
export const journalTables: readonly string[] = [
  `CREATE TABLE journals (
     run {integer} PRIMARY KEY REFERENCES runs (number), position {integer} NOT NULL) {table}`,
];
