/** @file Changes of many runs at once, as a person asks for them: tags, names, notes, stops, deletion and restoring. */
import {
  changeTrackedRun,
  dropTag,
  findTrackedRunOrNull,
  requestStop,
  setTags,
  type TrackedRun,
  type Transaction,
} from "../../track/index.ts";
import type { TrackingContext } from "./tracking-context.ts";

/** What is to be done. */
export type RunChange =
  | { readonly action: "tag"; readonly key: string; readonly value: string }
  | { readonly action: "untag"; readonly key: string }
  | { readonly action: "stop"; readonly reason: string }
  | { readonly action: "delete" }
  | { readonly action: "restore" }
  | { readonly action: "rename" | "note"; readonly value: string };

/**
 * What came of it: `unchanged` where it was so already, `ended` where a run is past being stopped, `deleted` where it
 * takes a run that is not deleted.
 */
export type ChangeOutcome = "changed" | "unchanged" | "not_found" | "ended" | "deleted";

/** The tag that holds a run's name too, and the one of its note. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
const [nameTag, noteTag] = ["mlflow.runName", "mlflow.note.content"];

/** Changes runs in one transaction; gives the outcome of each. */
export function changeRuns(
  { write, now }: Pick<TrackingContext, "write" | "now">,
  ids: readonly string[],
  change: RunChange,
): Promise<ReadonlyMap<string, ChangeOutcome>> {
  return write(async (transaction) => {
    const outcomes = new Map<string, ChangeOutcome>();
    for (const id of new Set(ids)) {
      const run = await findTrackedRunOrNull(transaction, id);
      outcomes.set(id, run ? await changeRun(transaction, run, change, now()) : "not_found");
    }
    return outcomes;
  });
}

async function changeRun(
  transaction: Transaction,
  run: TrackedRun,
  change: RunChange,
  nowMs: number,
): Promise<ChangeOutcome> {
  if (change.action === "delete" || change.action === "restore")
    return changeStage(transaction, run, change.action, nowMs);
  if (run.stage === "deleted") return "deleted";
  switch (change.action) {
    case "untag":
      return (await dropTag(transaction, run.number, change.key)) ? "changed" : "unchanged";
    case "stop":
      if (run.status !== "running" && run.status !== "scheduled") return "ended";
      if (run.stopMs !== null) return "unchanged";
      await requestStop(transaction, run.number, change.reason, nowMs);
      return "changed";
    case "rename":
      return rename(transaction, run, change.value);
    case "note":
      if (change.value === "")
        return (await dropTag(transaction, run.number, noteTag)) ? "changed" : "unchanged";
      await setTags(transaction, run.number, [{ key: noteTag, value: change.value }]);
      return "changed";
    default:
      if (change.key === nameTag) return rename(transaction, run, change.value);
      await setTags(transaction, run.number, [{ key: change.key, value: change.value }]);
      return "changed";
  }
}

async function changeStage(
  transaction: Transaction,
  { number, stage }: TrackedRun,
  action: "delete" | "restore",
  nowMs: number,
): Promise<ChangeOutcome> {
  const wanted = action === "delete" ? "deleted" : "active";
  if (stage === wanted) return "unchanged";
  const deletedMs = wanted === "deleted" ? nowMs : null;
  await changeTrackedRun(transaction, number, { stage: wanted, deletedMs });
  return "changed";
}

async function rename(transaction: Transaction, run: TrackedRun, name: string): Promise<ChangeOutcome> {
  if (run.name === name) return "unchanged";
  await changeTrackedRun(transaction, run.number, { name });
  await setTags(transaction, run.number, [{ key: nameTag, value: name }]);
  return "changed";
}
