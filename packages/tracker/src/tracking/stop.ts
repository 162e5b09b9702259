/**
 * @file Requests to stop a run of any client. The cause is a column; the reason is a tag, so that clients display it.
 */
import type { StopCause } from "@tunewise/core/run";
import type { Reader, Transaction } from "../database/database.ts";
import { putTags } from "./facts.ts";
import { openList } from "./runs.ts";

/** Why a run should stop. */
export interface StopRequest {
  readonly by: StopCause;
  /** A sentence for display. */
  readonly reason: string;
}

/** The tag of a run that should stop; its value is the reason. */
export const stopTag = "tunewise.stop";

/**
 * Asks a run to stop. Its client learns of it on its next call. Only the first request counts, and ended runs stay
 * unchanged.
 *
 * @returns whether the run has not ended
 */
export async function requestStop(
  transaction: Transaction,
  run: number,
  { by, reason }: StopRequest,
  nowMs: number,
): Promise<boolean> {
  const open = `SELECT stop_ms FROM runs WHERE number = ? AND status IN (${openList})`;
  const [found] = await transaction.all(open, run);
  if (found === undefined) return false;
  if (found["stop_ms"] !== null) return true;
  await transaction.run(
    "UPDATE runs SET stop_ms = ?, stopped_by = ?, document = NULL WHERE number = ?",
    ...[nowMs, by, run],
  );
  await putTags(transaction, run, [{ key: stopTag, value: reason }]);
  return true;
}

/** The stop request of a run; `null`: none. */
export async function readStopRequest(reader: Reader, run: number): Promise<StopRequest | null> {
  const sql = `SELECT runs.stopped_by, tags.value FROM runs JOIN tags ON tags.run = runs.number AND tags.key = ?
    WHERE runs.number = ? AND runs.stop_ms IS NOT NULL`;
  const [row] = await reader.all(sql, stopTag, run);
  return row
    ? { by: String(row["stopped_by"] ?? "person") as StopCause, reason: String(row["value"]) }
    : null;
}

/** The reason of a run's stop request; `null`: none. */
export async function readStop(reader: Reader, run: number): Promise<string | null> {
  return (await readStopRequest(reader, run))?.reason ?? null;
}

/** Asks all running runs of a project to stop, because a budget is exhausted. */
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
    await requestStop(transaction, Number(number), { by: "cap", reason }, nowMs);
  }
}

/** Projects that a budget applies to and that have a running run without a stop request. */
export async function projectsUnderBudget(reader: Reader): Promise<number[]> {
  const sql = `SELECT DISTINCT project FROM runs WHERE ${atWork}
    AND EXISTS (SELECT 1 FROM budgets WHERE budgets.project IS NULL OR budgets.project = runs.project)`;
  return (await reader.all(sql)).map((row) => Number(row["project"]));
}

const atWork = "status = 'running' AND stage = 'active' AND stop_ms IS NULL";
