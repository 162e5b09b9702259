/** @file For tests: a store with rows in every table, generated from the schema. */
import { lineOf, selectList } from "../../packages/tracker/src/archive/part-writer.ts";
import { type SchemaTable, schemaTables } from "../../packages/tracker/src/archive/schema-tables.ts";
import type { Database, SqlValue, Transaction } from "../../packages/tracker/src/database/database.ts";
import { openSqlite } from "../../packages/tracker/src/database/sqlite.ts";
import { createSchema } from "../../packages/tracker/src/schema/schema.ts";

const rowsOfTable = 4;
/** Values that are easily corrupted in transit, one per row. */
const integers = ["9223372036854775807", "-9223372036854775808", "9007199254740993", "0"];
/** Costs are never negative. */
const money = ["9223372036854775807", "9007199254740993", 0, 1];
const reals = [0.1 + 0.2, 2e-15, -1.7976931348623157e308, Number.POSITIVE_INFINITY];
const texts = ["", 'Zeilen\n\t"zwei" \\ \' ; --', "漢字 🙂 \u2028", '{"a":[null,1e400]}'.repeat(20)];

interface Reference {
  readonly from: string;
  readonly table: string;
  readonly to: string;
}

/**
 * Fills every table with rows that satisfy its keys and references. It also covers tables added later; a table with
 * other constraints fails.
 */
export async function fillStore(transaction: Transaction): Promise<void> {
  const schema = await openSqlite(":memory:");
  await schema.transaction(createSchema);
  const known = new Map<string, Record<string, SqlValue>[]>();
  for (const table of await schemaTables()) {
    const found = await schema.all(
      'SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)',
      table.name,
    );
    const keys = await schema.all('SELECT name, "notnull", pk FROM pragma_table_info(?)', table.name);
    const references = found as unknown as Reference[];
    const rows = Array.from({ length: rowsOfTable }, (_, at) =>
      Object.fromEntries(
        Object.entries(table.columns).map(([name, type], place) => {
          const reference = references.find(({ from }) => from === name);
          const target = reference && known.get(reference.table)?.[at]?.[reference.to || "number"];
          const column = keys.find((key) => key["name"] === name);
          const canBeNull = Number(column?.["notnull"]) === 0 && Number(column?.["pk"]) === 0;
          if (target !== undefined) return [name, target];
          if (name === table.number) return [name, at + 10];
          if (name.includes("micro_usd")) return [name, money[at] ?? 0];
          if (name === "artifact_root") return [name, at % 2 === 0 ? null : `bucket:/files/${at}`];
          if (canBeNull && (at + place) % 4 === 0) return [name, null];
          const choice = { integer: integers, real: reals, text: texts }[type][(at + place) % rowsOfTable];
          return [name, choice ?? null];
        }),
      ),
    );
    known.set(table.name, rows);
    await transaction.insert(
      { table: table.name, columns: table.columns },
      rows.map((row) => Object.keys(table.columns).map((name) => row[name] ?? null)),
    );
  }
  await schema.close();
}

/** The content of a store by table, as sorted lines. */
export async function contentOf(database: Database): Promise<Record<string, string[]>> {
  return database.snapshot(async (snapshot) => {
    const content: Record<string, string[]> = {};
    for (const { name, columns } of await schemaTables()) {
      const lines: string[] = [];
      for await (const batch of snapshot.batches(name, selectList(columns))) {
        lines.push(...batch.map((row) => lineOf(columns, row)));
      }
      content[name] = lines.sort();
    }
    return content;
  });
}

/** Tables without rows. */
export async function emptyTables(database: Database): Promise<SchemaTable["name"][]> {
  const content = await contentOf(database);
  return Object.keys(content).filter((name) => content[name]?.length === 0);
}
