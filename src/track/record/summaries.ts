/**
 * @file What an own run says of itself in its record's summary.
 */
import type { Reader } from "../database/database.ts";

/** The summary of a run of this engine, as JSON; `null`: the run is none. */
export async function readSummary(reader: Reader, run: number): Promise<string | null> {
  const [row] = await reader.all("SELECT summary FROM recipe_runs WHERE run = ?", run);
  return row === undefined ? null : String(row["summary"]);
}
