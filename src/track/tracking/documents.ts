/**
 * @file What runs logged, as ready text: made when a run is first asked for after a change, and kept until the next.
 *
 * A page of a thousand runs has tens of thousands of metrics, parameters and tags. Most runs are over and change no
 * more, so their text is read as it is.
 */
import type { Reader, SqlRow } from "../database/database.ts";
import { numberOf } from "../points/point.ts";
import type { Write } from "./writer.ts";

/**
 * Texts of runs: `"metrics":[{"key","value","timestamp","step"}],"params":[{"key","value"}],"tags":[...]` without the
 * braces around. NaN and the infinities are text, as in protobuf's JSON.
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
  for (const part of parts(numbers)) {
    for (const row of await reader.all(
      `SELECT number, document FROM runs WHERE number IN (${marks(part)})`,
      ...part,
    )) {
      if (row["document"] === null) missing.push(Number(row["number"]));
      else documents.set(Number(row["number"]), String(row["document"]));
    }
  }
  if (missing.length === 0) return documents;
  for (const [number, text] of await makeAndKeep(write, missing)) documents.set(number, text);
  return documents;
}

/** Inside one transaction: what is kept is what is there at that moment. */
function makeAndKeep(write: Write, numbers: readonly number[]): Promise<Map<number, string>> {
  return write(async (transaction) => {
    const made = new Map<number, string>();
    for (const part of parts(numbers)) {
      for (const [number, text] of await makeDocuments(transaction, part)) {
        made.set(number, text);
        await transaction.run("UPDATE runs SET document = ? WHERE number = ?", text, number);
      }
    }
    return made;
  });
}

async function makeDocuments(reader: Reader, numbers: readonly number[]): Promise<Map<number, string>> {
  const lists = new Map(
    numbers.map((number) => [
      number,
      { metrics: [] as string[], params: [] as string[], tags: [] as string[] },
    ]),
  );
  const where = `WHERE run IN (${marks(numbers)}) ORDER BY run, key`;
  // A series' row holds its open block too, which may be long.
  const latest = "run, key, last_value, last_special, last_step, last_ms";
  for (const row of await reader.all(`SELECT ${latest} FROM series ${where}`, ...numbers)) {
    lists.get(Number(row["run"]))?.metrics.push(metricText(row));
  }
  for (const kind of ["params", "tags"] as const) {
    for (const row of await reader.all(`SELECT run, key, value FROM ${kind} ${where}`, ...numbers)) {
      const { key, value } = row;
      lists
        .get(Number(row["run"]))
        ?.[kind].push(`{"key":${JSON.stringify(key)},"value":${JSON.stringify(value)}}`);
    }
  }
  return new Map(
    [...lists].map(([number, { metrics, params, tags }]) => [
      number,
      `"metrics":[${metrics.join(",")}],"params":[${params.join(",")}],"tags":[${tags.join(",")}]`,
    ]),
  );
}

function metricText(row: SqlRow): string {
  const value = numberOf(row, "last_value", "last_special");
  const number = Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
  const key = JSON.stringify(row["key"]);
  return `{"key":${key},"value":${number},"timestamp":${row["last_ms"]},"step":${row["last_step"]}}`;
}

/** Runs of one statement. */
const atOnce = 500;

function parts(numbers: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(numbers.length / atOnce) }, (_, at) =>
    numbers.slice(at * atOnce, (at + 1) * atOnce),
  );
}

function marks(numbers: readonly number[]): string {
  return numbers.map(() => "?").join(", ");
}
