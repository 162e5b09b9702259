/** @file Deletes runs and brings them back, whoever asks by whatever protocol, with one line in the audit. */
import {
  type AuditAction,
  changeTrackedRun,
  recordAudit,
  type TrackedRun,
  type Transaction,
} from "@tunewise/tracker";

/** Who asks, and when. */
export interface StageRequest {
  readonly stage: "active" | "deleted";
  /** Name in the audit; empty where nobody is known by name. */
  readonly person: string;
  readonly nowMs: number;
}

/** Letters of the ids in a line of the audit. */
const idLetters = 2_000;

/**
 * Moves runs to a stage; those that are there already stay as they are.
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
