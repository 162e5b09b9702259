/** @file The wish that a run of any client stops. Why stands in a tag, so that whoever looks at the run sees it. */
import type { Reader, Transaction } from "../database/database.ts";
import { putTags } from "./facts.ts";

/** The tag of a run that is to stop; its value says why. */
const stopTag = "tunewise.stop";

/** Asks a run to stop; its client learns of it with its next call. The first wish counts. */
export async function requestStop(
  transaction: Transaction,
  run: number,
  reason: string,
  nowMs: number,
): Promise<void> {
  const sql = "UPDATE runs SET stop_ms = ?, document = NULL WHERE number = ? AND stop_ms IS NULL";
  if ((await transaction.run(sql, nowMs, run)) > 0)
    await putTags(transaction, run, [{ key: stopTag, value: reason }]);
}

/** Why a run is to stop; `null`: it may go on. */
export async function readStop(reader: Reader, run: number): Promise<string | null> {
  const sql = "SELECT value FROM tags WHERE run = ? AND key = ?";
  const [row] = await reader.all(sql, run, stopTag);
  return row ? String(row["value"]) : null;
}

/** Asks all runs of a project that are at work to stop. */
export async function stopProject(
  transaction: Transaction,
  project: number,
  reason: string,
  nowMs: number,
): Promise<void> {
  for (const { number } of await transaction.all(
    `SELECT number FROM runs WHERE project = ? AND ${atWork}`,
    project,
  )) {
    await requestStop(transaction, Number(number), reason, nowMs);
  }
}

/** Projects that are paid from a budget, and in which something is at work that was not asked to stop. */
export async function projectsUnderBudget(reader: Reader): Promise<number[]> {
  const sql = `SELECT DISTINCT project FROM runs WHERE ${atWork}
    AND EXISTS (SELECT 1 FROM budgets WHERE budgets.project IS NULL OR budgets.project = runs.project)`;
  return (await reader.all(sql)).map((row) => Number(row["project"]));
}

const atWork = "status = 'running' AND stage = 'active' AND stop_ms IS NULL";
