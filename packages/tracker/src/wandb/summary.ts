/**
 * @file The summary of a run: what its client sums it up by (the last value of a metric, its `min` where the client was
 * told so, whatever the program sets).
 *
 * Its text is kept as it came. A number that no row of the history has is a point too, at a step below 0, so that every
 * client and every table sees it: W&B has no such steps, and any row of that key is later.
 */
import type { Reader, Transaction } from "../database/database.ts";
import { placeholders, readAmong, slicesOf } from "../database/rows.ts";
import type { RunPoint } from "../points/point.ts";
import { writePoints } from "../points/write-points.ts";
import { flatEntries } from "./history-rows.ts";
import { isInstant, keepable, looseJsonObject, numberIn, readLooseObject } from "./loose-json.ts";

/** The step of a value that belongs to no row. */
export const summaryStep = -1;

/** Longer keys stay in the text: an index of the database holds keys whole. */
const maxKeyBytes = 1000;
/** Numbers of a summary that become points. */
const maxNumbers = 20_000;

/**
 * Keeps a summary.
 *
 * @param nowMs for one that does not say when it was made
 */
export async function keepSummary(
  transaction: Transaction,
  run: number,
  summary: string,
  nowMs: number,
): Promise<void> {
  const before = summaryNumbers(await readSummaryText(transaction, run));
  await transaction.run("UPDATE wandb_runs SET summary = ? WHERE run = ?", keepable(summary), run);
  const changed = [...summaryNumbers(summary)].filter(([key, value]) => !Object.is(before.get(key), value));
  if (changed.length === 0) return;
  const ms = instantIn(summary) ?? nowMs;
  const logged = await transaction.all("SELECT key FROM series WHERE run = ? AND last_step >= 0", run);
  const known = new Set(logged.map(({ key }) => String(key)));
  const points = changed
    .filter(([key]) => !known.has(key))
    .map(([key, value]): RunPoint => ({ run, key, step: summaryStep, ms, value }));
  await writePoints(transaction, points, "replace");
}

/** A summary with the values of a later one that another client may have sent: of a key that both have, the later value. */
export function joinSummaries(before: string, later: string): string {
  const values = { ...readLooseObject(before), ...readLooseObject(later) };
  return looseJsonObject(Object.entries(values));
}

/**
 * Takes values of the summary away whose keys get rows: a client sends the two by ways of their own, so that the
 * summary may be here first.
 *
 * @param keys of the rows
 */
export async function dropSummaryPoints(
  transaction: Transaction,
  run: number,
  keys: ReadonlySet<string>,
): Promise<void> {
  const series = await readAmong(
    transaction,
    [...keys],
    (among) => `SELECT number FROM series WHERE run = ? AND last_step < 0 AND key IN (${among})`,
    [run],
  );
  for (const some of slicesOf(series.map(({ number }) => Number(number)))) {
    const among = placeholders(some);
    for (const table of ["points", "blocks", "levels"])
      await transaction.run(`DELETE FROM ${table} WHERE series IN (${among})`, ...some);
    await transaction.run(`DELETE FROM series WHERE number IN (${among})`, ...some);
  }
}

/** When the client last logged: what comes twice, by another way or later, is the same. */
function instantIn(summary: string): number | null {
  const seconds = numberIn(readLooseObject(summary)?.["_timestamp"]);
  return seconds !== null && isInstant(seconds) ? Math.round(seconds * 1000) : null;
}

/** A run's summary as its client sent it; empty where it has none. */
async function readSummaryText(reader: Reader, run: number): Promise<string> {
  const [row] = await reader.all("SELECT summary FROM wandb_runs WHERE run = ?", run);
  return String(row?.["summary"] ?? "");
}

/** The values of a summary: numbers as numbers, others as JSON; those of the client's own are left out. */
export async function readSummaryValues(
  reader: Reader,
  run: number,
): Promise<ReadonlyMap<string, number | string>> {
  const values = new Map<string, number | string>();
  for (const [key, value] of entriesIn(await readSummaryText(reader, run))) {
    const number = numberIn(value);
    values.set(key, number ?? (typeof value === "string" ? value : JSON.stringify(value)));
  }
  return values;
}

function summaryNumbers(text: string): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [key, value] of entriesIn(text)) {
    const number = numberIn(value);
    if (number === null || Buffer.byteLength(key) > maxKeyBytes) continue;
    if (numbers.size >= maxNumbers) break;
    numbers.set(keepable(key), number);
  }
  return numbers;
}

function* entriesIn(text: string): Generator<[key: string, value: unknown]> {
  for (const [key, value] of flatEntries(readLooseObject(text) ?? {})) {
    if (key !== "" && !key.startsWith("_")) yield [key, value];
  }
}
