/**
 * @file The revision of a database: a text that is another one as soon as anything in the database may have changed,
 * whoever changed it. It costs one small statement and needs no privileges.
 */
import { createHash } from "node:crypto";
import type { Database } from "./database.ts";

/**
 * SQLite: commits of all other connections, of this process or another one, change `data_version`; those of the same
 * connection, which a database in memory has alone, change `total_changes`.
 * PostgreSQL: the transactions whose effects a statement sees. A commit changes it, and so does a transaction that
 * merely begins to write, in any database of the server: a revision may change though nothing is different.
 *
 * @source sqlite.org/pragma.html#pragma_data_version, sqlite.org/lang_corefunc.html#total_changes;
 *   postgresql.org/docs/15/functions-info.html, pg_current_snapshot
 */
const questions = {
  sqlite: "SELECT data_version || '.' || total_changes() AS revision FROM pragma_data_version",
  postgres: "SELECT pg_current_snapshot()::text AS revision",
};

/** A snapshot names each transaction in progress: a busy server's is cut to this. */
const maxLength = 40;

/**
 * The revision of a database, to be compared with others of the same open database only: two that are equal say that
 * nothing was committed between them.
 *
 * Whoever keeps something by its revision asks for the revision first and reads after that, so that what is kept is
 * never older than its revision says.
 */
export async function revisionOf(database: Pick<Database, "all" | "dialect">): Promise<string> {
  const [row] = await database.all(questions[database.dialect.name]);
  const revision = String(row?.["revision"]);
  if (revision.length <= maxLength) return revision;
  return createHash("sha256").update(revision).digest("hex").slice(0, maxLength);
}
