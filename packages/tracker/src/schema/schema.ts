/** @file The schema of the store: a single version, created completely in an empty database. */

import type { Database, Reader, Transaction } from "../database/database.ts";
import { spell } from "../database/dialect.ts";
import { problem } from "../problem/index.ts";
import {
  accessTables,
  answerTables,
  datasetTables,
  journalTables,
  ledgerTables,
  modelTables,
  pointTables,
  runTables,
  traceTables,
  viewTables,
  wandbTables,
} from "./tables.ts";
import { guardAudit, watchRuns } from "./triggers.ts";

/** The version that this code reads and writes; incremented when a table changes. */
export const schemaVersion = 7;

const statements: readonly string[] = [
  "CREATE TABLE schema_version (version {integer} NOT NULL) {table}",
  ...runTables,
  ...datasetTables,
  ...pointTables,
  ...ledgerTables,
  ...wandbTables,
  ...modelTables,
  ...traceTables,
  ...viewTables,
  ...answerTables,
  ...journalTables,
  ...accessTables,
];

/** Key of the advisory lock that serializes processes creating a store. @source an arbitrary number: "tune" */
const schemaLock = 0x74756e65;

/**
 * Creates the tables in an empty database, in one transaction, so that processes opening a new store concurrently
 * agree.
 *
 * @throws {TunewiseError} `STORE_VERSION` if it has tables of another version
 */
export async function prepareSchema(database: Database): Promise<void> {
  if ((await versionOf(database)) === schemaVersion) return;
  await database.transaction(async (transaction) => {
    if (transaction.dialect.name === "postgres")
      await transaction.all("SELECT pg_advisory_xact_lock(?)", schemaLock);
    if ((await readVersion(transaction, database.path)) === 0) await createSchema(transaction);
  });
}

/** Creates the tables in an empty database. */
export async function createSchema(transaction: Transaction): Promise<void> {
  for (const sql of statements) await transaction.run(spell(transaction.dialect, sql));
  await watchRuns(transaction);
  await guardAudit(transaction);
  await transaction.run("INSERT INTO schema_version (version) VALUES (?)", schemaVersion);
}

/**
 * The version of the store: this code's version, or 0 for a store without tables.
 *
 * @param path names the store in an error
 * @throws {TunewiseError} `STORE_VERSION`
 */
export async function readVersion(reader: Reader, path: string): Promise<number> {
  const found = await versionOf(reader);
  if (found !== 0 && found !== schemaVersion)
    throw problem("STORE_VERSION", { path, found, known: schemaVersion });
  return found;
}

const tables = {
  sqlite: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'",
  postgres: "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_version'",
};

/** The version of the store, whatever it is; 0 for a store without tables. */
export async function versionOf(reader: Reader): Promise<number> {
  if ((await reader.all(tables[reader.dialect.name])).length === 0) return 0;
  return Number((await reader.all("SELECT version FROM schema_version"))[0]?.["version"] ?? 0);
}
