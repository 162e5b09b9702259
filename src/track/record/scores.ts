/**
 * @file Scores of a run of this engine.
 */
import type { Reader } from "../database/database.ts";
import type { ScoreEntry } from "../store.ts";
import { scoreFrom } from "./rows.ts";

/** All of them, by metric and arm. */
export async function readScores(reader: Reader, runId: string): Promise<ScoreEntry[]> {
  const sql = "SELECT * FROM scores WHERE run = (SELECT number FROM runs WHERE id = ?) ORDER BY metric, arm";
  return (await reader.all(sql, runId)).map((row) => scoreFrom(row, runId));
}
