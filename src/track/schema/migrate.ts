/** @file The schema of the store, as a list of steps that are only ever added to. */
import { problem } from "../../problem/index.ts";
import type { Database, Reader, Transaction } from "../database/database.ts";
import { spell } from "../database/dialect.ts";
import { addHyperparameters } from "../record/write-run.ts";
import { moveOwnRuns, ownRuns } from "./move-own-runs.ts";
import {
  accessTables,
  aside,
  asideIndexes,
  datasetTables,
  ledgerTables,
  modelTables,
  pointTables,
  runTables,
  wandbTables,
} from "./version-2.ts";
import {
  changeTables,
  levelTables,
  tableIndexes,
  traceTables,
  viewTables,
  wasteColumns,
} from "./version-5.ts";
import { selectionColumns } from "./version-6.ts";

/**
 * Version 3: answers that were paid for, what may still be spent on asking, and who is asking what. `request` is the
 * digest of a question at an endpoint; `answer` is JSON. A reservation is money set aside for a
 * request in flight: it is counted at its most from the start, so that nothing has to happen when its holder dies.
 */
const answerTables: readonly string[] = [
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

/** Version 4: how far the store has read the journals of runs. `position` is the number of the last entry of the run's journal that is in the store. */
const journalTables: readonly string[] = [
  `CREATE TABLE journals (
     run {integer} PRIMARY KEY REFERENCES runs (number), position {integer} NOT NULL) {table}`,
];

/** Statements in order; a function where rows have to be carried over. */
type Step = readonly (string | ((transaction: Transaction) => Promise<void>))[];

/** Step N brings a store from version N to N + 1. A released step is never changed. */
const steps: readonly Step[] = [
  ownRuns,
  [
    ...aside,
    ...asideIndexes,
    ...runTables,
    ...datasetTables,
    ...pointTables,
    ...ledgerTables,
    ...wandbTables,
    ...modelTables,
    ...accessTables,
    moveOwnRuns,
  ],
  answerTables,
  [...journalTables, nameHyperparameters],
  [...tableIndexes, ...wasteColumns, ...viewTables, ...levelTables, ...changeTables, ...traceTables],
  selectionColumns,
];

/** The schema version this code reads and writes. */
export const schemaVersion: number = steps.length;

/** Two processes that open a new store wait for each other. @source any number will do: "tune" */
const migrationLock = 0x74756e65;

/**
 * Brings the store to the newest schema, in one transaction, so that two processes opening a new store agree.
 *
 * @throws {TunewiseError} `STORE_NEWER` if it was written by a newer tunewise
 */
export async function migrate(database: Database): Promise<void> {
  if ((await versionOf(database)) === schemaVersion) return;
  await database.transaction((transaction) => bringForward(transaction, schemaVersion, database.path));
}

/**
 * Brings the store to a version that is not older than its own.
 *
 * @param path names the store in an error
 * @throws {TunewiseError} `STORE_NEWER` if its own version is newer than `version`
 */
export async function bringForward(transaction: Transaction, version: number, path: string): Promise<void> {
  const { dialect } = transaction;
  if (dialect.name === "postgres") await transaction.all("SELECT pg_advisory_xact_lock(?)", migrationLock);
  await transaction.run(
    spell(dialect, "CREATE TABLE IF NOT EXISTS schema_version (version {integer} NOT NULL) {table}"),
  );
  const found = await versionOf(transaction);
  if (found > version) throw problem("STORE_NEWER", { path, found, known: version });
  for (const part of steps.slice(found, version).flat()) {
    if (typeof part === "string") await transaction.run(spell(dialect, part));
    else await part(transaction);
  }
  await transaction.run("DELETE FROM schema_version");
  await transaction.run("INSERT INTO schema_version (version) VALUES (?)", version);
}

const tables = {
  sqlite: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'",
  postgres: "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_version'",
};

/** 0 for a store without tables. */
export async function versionOf(reader: Reader): Promise<number> {
  if ((await reader.all(tables[reader.dialect.name])).length === 0) return 0;
  return Number((await reader.all("SELECT version FROM schema_version"))[0]?.["version"] ?? 0);
}

/** Runs of this engine get the hyper-parameters that new ones have from the beginning. */
async function nameHyperparameters(transaction: Transaction): Promise<void> {
  for (const { run, configuration } of await transaction.all("SELECT run, configuration FROM recipe_runs")) {
    await addHyperparameters(transaction, Number(run), String(configuration));
    await transaction.run("UPDATE runs SET document = NULL WHERE number = ?", Number(run));
  }
}
