/**
 * @file Cached JSON text of what runs logged. It is built on the first request after a change, and kept until the next
 * change.
 *
 * A page of a thousand runs has tens of thousands of metrics, parameters and tags. Most runs have ended and no longer
 * change, so their text is served from the cache.
 */
import type { Reader, SqlRow } from "../database/database.ts";
import { listsOf, readAmong, slicesOf } from "../database/rows.ts";
import { numberOf } from "../points/point.ts";
import { readFacts, readTagsOf, runParams } from "./facts.ts";
import type { KeyValue } from "./types.ts";
import type { Write } from "./writer.ts";

/**
 * JSON text of runs: `"metrics":[{"key","value","timestamp","step"}],"params":[{"key","value"}],"tags":[...]`, without
 * the enclosing braces. NaN and the infinities are strings, as in protobuf's JSON.
 *
 * @param numbers of the runs
 */
export async function readDocuments(
  reader: Reader,
  write: Write,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const documents = new Map<number, string>();
  const missing: number[] = [];
  const sql = (among: string): string => `SELECT number, document FROM runs WHERE number IN (${among})`;
  for (const row of await readAmong(reader, numbers, sql)) {
    if (row["document"] === null) missing.push(Number(row["number"]));
    else documents.set(Number(row["number"]), String(row["document"]));
  }
  if (missing.length === 0) return documents;
  for (const [number, text] of await makeAndKeep(write, missing)) documents.set(number, text);
  return documents;
}

/** Reads and stores in one transaction, so that the cached text matches the data. */
function makeAndKeep(write: Write, numbers: readonly number[]): Promise<Map<number, string>> {
  return write(async (transaction) => {
    const made = new Map<number, string>();
    for (const part of slicesOf(numbers)) {
      for (const [number, text] of await makeDocuments(transaction, part)) {
        made.set(number, text);
        await transaction.run("UPDATE runs SET document = ? WHERE number = ?", text, number);
      }
    }
    return made;
  });
}

async function makeDocuments(reader: Reader, numbers: readonly number[]): Promise<Map<number, string>> {
  // Named columns, because a row also contains the open block, which may be long.
  const latest = "run, key, last_value, last_special, last_step, last_ms";
  const sql = (among: string): string =>
    `SELECT ${latest} FROM series WHERE run IN (${among}) ORDER BY run, key`;
  const metrics = listsOf(numbers, "run", await readAmong(reader, numbers, sql), metricText);
  const [params, tags] = [await readFacts(reader, runParams, numbers), await readTagsOf(reader, numbers)];
  const textOf = (number: number): string =>
    `"metrics":[${metrics.get(number)?.join(",")}],"params":${factsText(params.get(number))},"tags":${factsText(tags.get(number))}`;
  return new Map(numbers.map((number) => [number, textOf(number)]));
}

function metricText(row: SqlRow): string {
  const value = numberOf(row, "last_value", "last_special");
  const number = Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
  const key = JSON.stringify(row["key"]);
  return `{"key":${key},"value":${number},"timestamp":${row["last_ms"]},"step":${row["last_step"]}}`;
}

function factsText(facts: readonly KeyValue[] = []): string {
  return JSON.stringify(facts.map(({ key, value }) => ({ key, value })));
}
