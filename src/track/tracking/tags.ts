/** @file Tags of runs and projects: words that may change. */
import type { Reader, Transaction } from "../database/database.ts";
import type { Fact } from "./nouns.ts";

/** The tags of a run. */
export async function readTags(reader: Reader, run: number): Promise<ReadonlyMap<string, string>> {
  const rows = await reader.all("SELECT key, value FROM tags WHERE run = ?", run);
  return new Map(rows.map((row) => [String(row["key"]), String(row["value"])]));
}

/** Sets tags of a run; the last one of a key counts. */
export async function putTags(transaction: Transaction, run: number, facts: readonly Fact[]): Promise<void> {
  await put(transaction, "tags", "run", run, facts);
}

/** Sets tags of a project; the last one of a key counts. */
export async function putProjectTags(
  transaction: Transaction,
  project: number,
  facts: readonly Fact[],
): Promise<void> {
  await put(transaction, "project_tags", "project", project, facts);
}

async function put(
  transaction: Transaction,
  table: string,
  owner: string,
  number: number,
  facts: readonly Fact[],
): Promise<void> {
  const rows = [...new Map(facts.map(({ key, value }) => [key, value]))].map(([key, value]) => [
    number,
    key,
    value,
  ]);
  const target = { table, columns: { [owner]: "integer", key: "text", value: "text" } as const };
  await transaction.insert(target, rows, `ON CONFLICT (${owner}, key) DO UPDATE SET value = excluded.value`);
}

/** Drops a tag of a run; gives whether there was one. */
export async function dropTag(transaction: Transaction, run: number, key: string): Promise<boolean> {
  const dropped = await transaction.run("DELETE FROM tags WHERE run = ? AND key = ?", run, key);
  if (dropped > 0) await transaction.run("UPDATE runs SET document = NULL WHERE number = ?", run);
  return dropped > 0;
}

/** Drops a tag of a project; gives whether there was one. */
export async function dropProjectTag(
  transaction: Transaction,
  project: number,
  key: string,
): Promise<boolean> {
  return (await transaction.run("DELETE FROM project_tags WHERE project = ? AND key = ?", project, key)) > 0;
}
