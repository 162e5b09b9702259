/**
 * @file The tables of the schema, read from an empty store. Table names therefore never come from an archive, and new
 * tables are included automatically.
 */
import type { ColumnType, Database } from "../database/database.ts";
import { openSqlite } from "../database/sqlite.ts";
import { createSchema } from "../schema/schema.ts";
import type { Columns } from "./part-writer.ts";

/** A table of the schema. */
export interface SchemaTable {
  readonly name: string;
  readonly columns: Columns;
  /** The key column, if the key is a single integer column. */
  readonly number: string | null;
  /** Number of rows in a new store. */
  readonly rowsFirst: number;
}

const types: Readonly<Record<string, ColumnType>> = { INTEGER: "integer", REAL: "real", TEXT: "text" };

/** The version table is not archived; the manifest records the version. */
const versionTable = "schema_version";

/** All tables; a table comes after those it refers to. */
export async function schemaTables(): Promise<SchemaTable[]> {
  const database = await openSqlite(":memory:");
  try {
    await database.transaction(createSchema);
    return await readTables(database);
  } finally {
    await database.close();
  }
}

async function readTables(database: Database): Promise<SchemaTable[]> {
  const names = (
    await database.all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
  ).map(({ name }) => String(name));
  const tables: SchemaTable[] = [];
  for (const name of inOrder(
    names.filter((one) => one !== versionTable),
    await referencesOf(database),
  )) {
    const columns = await database.all("SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", name);
    const [count] = await database.all(`SELECT count(*) AS rows_first FROM ${name}`);
    const key = columns.filter(({ pk }) => Number(pk) > 0);
    tables.push({
      name,
      columns: Object.fromEntries(columns.map((column) => [String(column["name"]), typeOf(column["type"])])),
      number: key.length === 1 && key[0]?.["type"] === "INTEGER" ? String(key[0]["name"]) : null,
      rowsFirst: Number(count?.["rows_first"]),
    });
  }
  return tables;
}

function typeOf(word: unknown): ColumnType {
  const type = types[String(word)];
  if (!type) throw new Error(`Internal: archives know no column of the type ${String(word)}`);
  return type;
}

/** Foreign-key targets of each table. */
async function referencesOf(database: Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await database.all(
    `SELECT s.name AS name, f."table" AS target FROM sqlite_schema s, pragma_foreign_key_list(s.name) f
     WHERE s.type = 'table'`,
  );
  const references = new Map<string, string[]>();
  for (const { name, target } of rows) {
    references.set(String(name), [...(references.get(String(name)) ?? []), String(target)]);
  }
  return references;
}

function inOrder(names: readonly string[], references: ReadonlyMap<string, readonly string[]>): string[] {
  const placed = new Set<string>();
  const place = (name: string): void => {
    if (placed.has(name)) return;
    for (const target of references.get(name) ?? []) if (target !== name) place(target);
    placed.add(name);
  };
  for (const name of names) place(name);
  return [...placed];
}
