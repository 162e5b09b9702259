/**
 * @file The request that a run of any client stops. Its cause has a column; its reason is a tag, so that clients show
 * it.
 */
import type { StopCause } from "@tunewise/core/run";
import type { Reader, Transaction } from "../database/database.ts";
import { putTags } from "./facts.ts";
import { openList } from "./runs.ts";

/** Why a run is to stop. */
export interface StopRequest {
  readonly by: StopCause;
  /** A sentence for people. */
  readonly reason: string;
}

/** The tag of a run that is to stop; its value says why. */
export const stopTag = "tunewise.stop";

/**
 * Asks a run to stop; its client learns of it with its next call. The first request counts, and a run that has ended
 * stays as it ended.
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

/** The request that a run stops; `null`: there is none. */
export async function readStopRequest(reader: Reader, run: number): Promise<StopRequest | null> {
  const sql = `SELECT runs.stopped_by, tags.value FROM runs JOIN tags ON tags.run = runs.number AND tags.key = ?
    WHERE runs.number = ? AND runs.stop_ms IS NOT NULL`;
  const [row] = await reader.all(sql, stopTag, run);
  return row
    ? { by: String(row["stopped_by"] ?? "person") as StopCause, reason: String(row["value"]) }
    : null;
}

/** Why a run is, or was, asked to stop; `null`: it was not. */
export async function readStop(reader: Reader, run: number): Promise<string | null> {
  return (await readStopRequest(reader, run))?.reason ?? null;
}

/** Asks all runs of a project that are at work to stop, as a budget is spent. */
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

/** Projects that are paid from a budget, and in which something is at work that was not asked to stop. */
export async function projectsUnderBudget(reader: Reader): Promise<number[]> {
  const sql = `SELECT DISTINCT project FROM runs WHERE ${atWork}
    AND EXISTS (SELECT 1 FROM budgets WHERE budgets.project IS NULL OR budgets.project = runs.project)`;
  return (await reader.all(sql)).map((row) => Number(row["project"]));
}

const atWork = "status = 'running' AND stage = 'active' AND stop_ms IS NULL";
