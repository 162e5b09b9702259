/**
 * @file Rows of MLflow's tables, of which no release has all.
 */
import type { ForeignDatabase } from "../../database/foreign-sqlite.ts";
import type { Fact } from "../../tracking/nouns.ts";
import { type Loose, textIn } from "../read-row.ts";

/** All rows of a table that may not be there. */
export function readTable(
  database: ForeignDatabase,
  table: string,
  where: string,
  ...values: string[]
): Loose[] {
  if (database.columns(table).size === 0) return [];
  return database.rows(`SELECT * FROM ${table} ${where}`, ...values);
}

/** Reads words about an owner from tables of the shape (key, value, owner). */
export function tagReader(
  database: ForeignDatabase,
): (table: string, owner: string, id: string, key?: string, value?: string) => Fact[] {
  return (table, owner, id, key = "key", value = "value") =>
    readTable(database, table, `WHERE ${owner} = ? ORDER BY 1`, id).map((row) => ({
      key: textIn(row, key),
      value: textIn(row, value),
    }));
}
