/**
 * @file The summary of a run, as determined by its client: the last value of a metric, its `min` if so configured, and
 * anything the program sets.
 *
 * Its text is stored unchanged. A number without a history row is also stored as a point at a step below 0, so that
 * every client and table sees it. W&B does not use such steps, so any row with that key is later.
 */
import type { Reader, Transaction } from "../database/database.ts";
import { placeholders, readAmong, slicesOf } from "../database/rows.ts";
import type { RunPoint } from "../points/point.ts";
import { writePoints } from "../points/write-points.ts";
import { flatEntries } from "./history-rows.ts";
import { isInstant, keepable, looseJsonObject, numberIn, readLooseObject } from "./loose-json.ts";

/** The step of a value that is only in the summary. */
export const summaryStep = -1;

/** Longer keys stay in the text, because keys are part of a database index. */
const maxKeyBytes = 1000;
/** Maximum numbers of a summary that become points. */
const maxNumbers = 20_000;

/**
 * Stores a summary.
 *
 * @param nowMs time of a summary that does not contain its own
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

/** Merges two summaries, which may come from different clients; values of the later one win. */
export function joinSummaries(before: string, later: string): string {
  const values = { ...readLooseObject(before), ...readLooseObject(later) };
  return looseJsonObject(Object.entries(values));
}

/**
 * Deletes summary points whose keys now have rows. Clients send summary and rows separately, so the summary may arrive
 * first.
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

/** The time at which the client last logged, so that a repeated summary gives the same points. */
function instantIn(summary: string): number | null {
  const seconds = numberIn(readLooseObject(summary)?.["_timestamp"]);
  return seconds !== null && isInstant(seconds) ? Math.round(seconds * 1000) : null;
}

/** A run's summary as sent by its client; empty if it has none. */
async function readSummaryText(reader: Reader, run: number): Promise<string> {
  const [row] = await reader.all("SELECT summary FROM wandb_runs WHERE run = ?", run);
  return String(row?.["summary"] ?? "");
}

/**
 * The values of a summary, as numbers or as text (JSON unless they are strings). Internal keys of the client are
 * omitted.
 */
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
