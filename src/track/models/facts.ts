/** @file Words about models: one table for each kind of word, all of the same shape. */
import type { Reader, SqlValue, Target, Transaction } from "../database/database.ts";
import type { Fact } from "../tracking/nouns.ts";

/** A table of words, and its column that says whose they are. */
export interface FactTable {
  readonly table: string;
  readonly owner: "model" | "version";
}

/** Tags of logged models. */
export const loggedModelTags: FactTable = { table: "logged_model_tags", owner: "model" };
/** Parameters of logged models. */
export const loggedModelParams: FactTable = { table: "logged_model_params", owner: "model" };
/** Tags of names of the registry. */
export const registeredModelTags: FactTable = { table: "registered_model_tags", owner: "model" };
/** Tags of versions. */
export const modelVersionTags: FactTable = { table: "model_version_tags", owner: "version" };

/** Owners of one statement. */
const atOnce = 500;

/** Calls `read` with some hundred numbers at a time. */
export async function inParts(
  numbers: readonly number[],
  read: (marks: string, values: readonly SqlValue[]) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < numbers.length; from += atOnce) {
    const some = numbers.slice(from, from + atOnce);
    await read(some.map(() => "?").join(", "), some);
  }
}

/** Words of owners by their numbers, ordered by key. */
export async function readFacts(
  reader: Reader,
  { table, owner }: FactTable,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly Fact[]>> {
  const facts = new Map<number, Fact[]>(numbers.map((number) => [number, []]));
  await inParts(numbers, async (marks, values) => {
    const sql = `SELECT * FROM ${table} WHERE ${owner} IN (${marks}) ORDER BY ${owner}, key`;
    for (const row of await reader.all(sql, ...values)) {
      facts.get(Number(row[owner]))?.push({ key: String(row["key"]), value: String(row["value"]) });
    }
  });
  return facts;
}

/** Sets words; the last one of a key counts. */
export async function putFacts(
  transaction: Transaction,
  { table, owner }: FactTable,
  number: number,
  facts: readonly Fact[],
): Promise<void> {
  const target: Target = { table, columns: { [owner]: "integer", key: "text", value: "text" } };
  const last = new Map(facts.map(({ key, value }) => [key, value]));
  const rows = [...last].map(([key, value]) => [number, key, value]);
  await transaction.insert(target, rows, `ON CONFLICT (${owner}, key) DO UPDATE SET value = excluded.value`);
}

/** Drops a word; gives whether there was one. */
export async function dropFact(
  transaction: Transaction,
  { table, owner }: FactTable,
  number: number,
  key: string,
): Promise<boolean> {
  return (await transaction.run(`DELETE FROM ${table} WHERE ${owner} = ? AND key = ?`, number, key)) > 0;
}
