/** @file Deletes and restores runs for all protocols, with one line in the audit log. */
import { type AuditAction, recordAudit } from "../access/audit.ts";
import type { Transaction } from "../database/database.ts";
import { changeTrackedRun } from "./runs.ts";
import type { TrackedRun } from "./types.ts";

/** Who requests the change, and when. */
export interface StageRequest {
  readonly stage: "active" | "deleted";
  /** Name in the audit log; empty without user names. */
  readonly person: string;
  readonly nowMs: number;
}

/** Maximum characters of the ids in an audit line. */
const idLetters = 2_000;

/**
 * Moves runs to a stage. Runs already in that stage stay unchanged.
 *
 * @returns the runs that changed
 */
export async function setRunStage(
  transaction: Transaction,
  runs: readonly TrackedRun[],
  { stage, person, nowMs }: StageRequest,
): Promise<readonly TrackedRun[]> {
  const changed = runs.filter((run) => run.stage !== stage);
  const deletedMs = stage === "deleted" ? nowMs : null;
  for (const { number } of changed) await changeTrackedRun(transaction, number, { stage, deletedMs });
  const [first] = changed;
  if (first === undefined) return [];
  const action: AuditAction = stage === "deleted" ? "runs-deleted" : "runs-restored";
  const line =
    changed.length === 1
      ? { subject: first.id, detail: first.name }
      : {
          subject: `${changed.length}`,
          detail: changed
            .map(({ id }) => id)
            .join(", ")
            .slice(0, idLetters),
        };
  await recordAudit(transaction, { ms: nowMs, person, action, ...line });
  return changed;
}
