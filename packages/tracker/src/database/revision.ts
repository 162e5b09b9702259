/**
 * @file The revision of a database: a text that changes whenever anything in the database may have changed. Reading it
 * takes one small statement and needs no privileges.
 */
import { createHash } from "node:crypto";
import type { Database } from "./database.ts";

/**
 * SQLite: `data_version` changes on commits of other connections, `total_changes` on those of the same connection,
 * which is the only one of an in-memory database.
 * PostgreSQL: the transactions visible to a statement. A commit changes it, and so does the start of a write in any
 * database of the server. A revision may therefore change although the data is the same.
 *
 * @source sqlite.org/pragma.html#pragma_data_version, sqlite.org/lang_corefunc.html#total_changes;
 *   postgresql.org/docs/15/functions-info.html, pg_current_snapshot
 */
const questions = {
  sqlite: "SELECT data_version || '.' || total_changes() AS revision FROM pragma_data_version",
  postgres: "SELECT pg_current_snapshot()::text AS revision",
};

/**
 * Snapshots list all transactions in progress. Longer texts, as on a busy server, are hashed and cut to this length.
 */
const maxLength = 40;

/**
 * The revision of a database. Only revisions of the same open database are comparable; if two are equal, nothing was
 * committed between them.
 *
 * To cache data under a revision, read the revision first and the data afterwards, so that the data is never older than
 * the revision.
 */
export async function revisionOf(database: Pick<Database, "all" | "dialect">): Promise<string> {
  const [row] = await database.all(questions[database.dialect.name]);
  const revision = String(row?.["revision"]);
  if (revision.length <= maxLength) return revision;
  return createHash("sha256").update(revision).digest("hex").slice(0, maxLength);
}
