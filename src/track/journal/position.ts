/** @file How far the store has read the journal of a run. */
import type { Reader, Transaction } from "../database/database.ts";

/** Number of the last entry that is in the store; 0: none, or no such run. */
export async function positionOf(reader: Pick<Reader, "all">, runId: string): Promise<number> {
  const sql = "SELECT position FROM journals WHERE run = (SELECT number FROM runs WHERE id = ?)";
  return Number((await reader.all(sql, runId))[0]?.["position"] ?? 0);
}

/** Notes it down, in the transaction that brings the entries in. */
export async function setPosition(transaction: Transaction, runId: string, position: number): Promise<void> {
  await transaction.run(
    `INSERT INTO journals (run, position) SELECT number, ? FROM runs WHERE id = ?
     ON CONFLICT (run) DO UPDATE SET position = excluded.position`,
    position,
    runId,
  );
}
