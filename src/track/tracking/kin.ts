/**
 * @file Runs that are the same experiment as one that is to begin, or the same but for what is only chance.
 */
import type { Reader, SqlValue } from "../database/database.ts";
import type { TrackedRun } from "./nouns.ts";
import { runColumns, trackedRunFrom } from "./runs.ts";

/** Hex digits of a fingerprint that all clients send: W&B's tags have room for no more. */
const sharedPrintChars = 40;

/** Whether a text can be a fingerprint: hex digits, and enough of them. */
export function isPrint(text: string): boolean {
  return /^[0-9a-f]{40,128}$/.test(text);
}

/**
 * The newest run of the same fingerprint that is completed, or at work and was heard of lately.
 *
 * @param heardSinceMs a run at work that was silent since before then counts as dead
 */
export async function findRival(
  reader: Reader,
  fingerprint: string,
  heardSinceMs: number,
): Promise<TrackedRun | null> {
  const { condition, values } = sharing("fingerprint", fingerprint);
  const sql = `SELECT ${runColumns} FROM runs WHERE ${condition} AND stage = 'active'
    AND (status = 'completed' OR (status = 'running' AND seen_ms >= ?)) ORDER BY started_ms DESC, number DESC LIMIT 1`;
  const [row] = await reader.all(sql, ...values, heardSinceMs);
  return row ? trackedRunFrom(row) : null;
}

/** Completed runs of the same family, the newest first. */
export async function findFamily(reader: Reader, family: string, limit: number): Promise<TrackedRun[]> {
  const { condition, values } = sharing("family", family);
  const sql = `SELECT ${runColumns} FROM runs WHERE ${condition} AND stage = 'active' AND status = 'completed'
    ORDER BY started_ms DESC, number DESC LIMIT ?`;
  return (await reader.all(sql, ...values, limit)).map(trackedRunFrom);
}

/** The same beginning, by which one print is the other's or a cut of it; found through the column's index. */
function sharing(column: string, print: string): { condition: string; values: SqlValue[] } {
  const beginning = print.slice(0, sharedPrintChars);
  return { condition: `${column} >= ? AND ${column} < ?`, values: [beginning, `${beginning}g`] };
}
