/** @file Tables of key-value pairs: tags and parameters of runs, projects, models and versions. */

import type { Reader, Target, Transaction } from "../database/database.ts";
import { listsOf, readAmong } from "../database/rows.ts";
import { problem } from "../problem/index.ts";
import type { KeyValue, TrackedRun } from "./types.ts";

/** A table of key-value pairs, and its column with the owner's number. */
export interface FactTable {
  readonly table: string;
  readonly owner: "run" | "project" | "model" | "version" | "trace";
}

/** Parameters of runs. */
export const runParams: FactTable = { table: "params", owner: "run" };
const runTags: FactTable = { table: "tags", owner: "run" };
/** Tags of projects. */
export const projectTags: FactTable = { table: "project_tags", owner: "project" };

/** Facts by their owners' numbers, ordered by key. */
export async function readFacts(
  reader: Reader,
  { table, owner }: FactTable,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly KeyValue[]>> {
  const rows = await readAmong(
    reader,
    numbers,
    (among) => `SELECT * FROM ${table} WHERE ${owner} IN (${among}) ORDER BY ${owner}, key`,
  );
  return listsOf(numbers, owner, rows, ({ key, value }) => ({ key: String(key), value: String(value) }));
}

/** Sets facts. The last one with a key wins; an existing one is replaced, or kept if `conflict` is `keep`. */
export async function putFacts(
  transaction: Transaction,
  { table, owner }: FactTable,
  number: number,
  facts: readonly KeyValue[],
  conflict: "replace" | "keep" = "replace",
): Promise<void> {
  const target: Target = { table, columns: { [owner]: "integer", key: "text", value: "text" } };
  const last = new Map(facts.map(({ key, value }) => [key, value]));
  const rows = [...last].map(([key, value]) => [number, key, value]);
  const action = conflict === "keep" ? "NOTHING" : "UPDATE SET value = excluded.value";
  await transaction.insert(target, rows, `ON CONFLICT (${owner}, key) DO ${action}`);
}

/** Deletes a fact. Returns whether it existed. */
export async function dropFact(
  transaction: Transaction,
  { table, owner }: FactTable,
  number: number,
  key: string,
): Promise<boolean> {
  return (await transaction.run(`DELETE FROM ${table} WHERE ${owner} = ? AND key = ?`, number, key)) > 0;
}

/** The tags of a run. */
export async function readTags(reader: Reader, run: number): Promise<ReadonlyMap<string, string>> {
  return mapOf((await readFacts(reader, runTags, [run])).get(run));
}

/** Tags of runs, by the runs' numbers. */
export function readTagsOf(
  reader: Reader,
  runs: readonly number[],
): Promise<ReadonlyMap<number, readonly KeyValue[]>> {
  return readFacts(reader, runTags, runs);
}

/** Sets tags of a run; the last one with a key wins. */
export function putTags(transaction: Transaction, run: number, facts: readonly KeyValue[]): Promise<void> {
  return putFacts(transaction, runTags, run, facts);
}

/**
 * Sets tags that a user assigns to a run. Invalidates its cached document, but does not count as activity of the run.
 */
export async function setTags(
  transaction: Transaction,
  run: number,
  facts: readonly KeyValue[],
): Promise<void> {
  await putTags(transaction, run, facts);
  await transaction.run("UPDATE runs SET document = NULL WHERE number = ?", run);
}

/** Sets tags of a project; the last one with a key wins. */
export function putProjectTags(
  transaction: Transaction,
  project: number,
  facts: readonly KeyValue[],
): Promise<void> {
  return putFacts(transaction, projectTags, project, facts);
}

/** Deletes a tag of a run. Returns whether it existed. */
export async function dropTag(transaction: Transaction, run: number, key: string): Promise<boolean> {
  const dropped = await dropFact(transaction, runTags, run, key);
  if (dropped) await transaction.run("UPDATE runs SET document = NULL WHERE number = ?", run);
  return dropped;
}

/** Deletes a tag of a project. Returns whether it existed. */
export function dropProjectTag(transaction: Transaction, project: number, key: string): Promise<boolean> {
  return dropFact(transaction, projectTags, project, key);
}

/** Parameters of a run of any client, ordered by key. */
export async function readParams(reader: Reader, run: number): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(mapOf((await readFacts(reader, runParams, [run])).get(run)));
}

/**
 * Adds parameters. They describe how the run was started, so repeating an equal value is allowed but changing it is
 * not.
 *
 * @throws {TunewiseError} `PARAM_CHANGED`
 */
export async function addParams(
  transaction: Transaction,
  run: Pick<TrackedRun, "id" | "number">,
  facts: readonly KeyValue[],
): Promise<void> {
  if (facts.length === 0) return;
  const known = mapOf((await readFacts(transaction, runParams, [run.number])).get(run.number));
  const added = new Map<string, string>();
  for (const { key, value } of facts) {
    const before = known.get(key) ?? added.get(key) ?? value;
    if (before !== value) {
      throw problem("PARAM_CHANGED", { id: run.id, key, before: shortened(before), value: shortened(value) });
    }
    if (!known.has(key)) added.set(key, value);
  }
  const fresh = [...added].map(([key, value]) => ({ key, value }));
  await putFacts(transaction, runParams, run.number, fresh);
}

function mapOf(facts: readonly KeyValue[] = []): Map<string, string> {
  return new Map(facts.map(({ key, value }) => [key, value]));
}

/** Shortens a value for messages; values may have thousands of characters. */
function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
