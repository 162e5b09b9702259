/** @file Changes many runs at once at a person's request: tags, names, notes, stops, deletion and restoring. */

import type { Transaction } from "../database/database.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { dropTag, setTags } from "./facts.ts";
import { setRunStage } from "./run-stage.ts";
import { changeTrackedRun, findTrackedRunOrNull } from "./runs.ts";
import { requestStop } from "./stop.ts";
import type { TrackedRun } from "./types.ts";

/** The requested change. */
export type RequestedChange =
  | { readonly action: "tag"; readonly key: string; readonly value: string }
  | { readonly action: "untag"; readonly key: string }
  | { readonly action: "stop"; readonly reason: string }
  | { readonly action: "delete" }
  | { readonly action: "restore" }
  | { readonly action: "rename" | "note"; readonly value: string };

/**
 * Outcome of a change. `unchanged`: the run already was in that state. `ended`: the run can no longer be stopped.
 * `deleted`: the change does not apply to deleted runs.
 */
export type ChangeOutcome = "changed" | "unchanged" | "not_found" | "ended" | "deleted";

/** Tags for a run's name and its note. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
const [nameTag, noteTag] = ["mlflow.runName", "mlflow.note.content"];

/**
 * Changes runs in one transaction and returns the outcome of each. @param person who requests the change, for the audit
 * log
 */
export function changeRuns(
  { write, now }: Pick<TrackingContext, "write" | "now">,
  ids: readonly string[],
  change: RequestedChange,
  person: string,
): Promise<ReadonlyMap<string, ChangeOutcome>> {
  return write(async (transaction) => {
    const found = new Map<string, TrackedRun | null>();
    for (const id of new Set(ids)) found.set(id, await findTrackedRunOrNull(transaction, id));
    const outcomes = new Map<string, ChangeOutcome>([...found.keys()].map((id) => [id, "not_found"]));
    const runs = [...found.values()].filter((run) => run !== null);
    if (change.action === "delete" || change.action === "restore") {
      const stage = change.action === "delete" ? "deleted" : "active";
      const changed = new Set(await setRunStage(transaction, runs, { stage, person, nowMs: now() }));
      for (const run of runs) outcomes.set(run.id, changed.has(run) ? "changed" : "unchanged");
    } else {
      for (const run of runs) outcomes.set(run.id, await changeRun(transaction, run, change, now()));
    }
    return outcomes;
  });
}

async function changeRun(
  transaction: Transaction,
  run: TrackedRun,
  change: Exclude<RequestedChange, { readonly action: "delete" | "restore" }>,
  nowMs: number,
): Promise<ChangeOutcome> {
  if (run.stage === "deleted") return "deleted";
  switch (change.action) {
    case "untag":
      return (await dropTag(transaction, run.number, change.key)) ? "changed" : "unchanged";
    case "stop":
      if (run.stopMs !== null && run.endedMs === null) return "unchanged";
      return (await requestStop(transaction, run.number, { by: "person", reason: change.reason }, nowMs))
        ? "changed"
        : "ended";
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

async function rename(transaction: Transaction, run: TrackedRun, name: string): Promise<ChangeOutcome> {
  if (run.name === name) return "unchanged";
  await changeTrackedRun(transaction, run.number, { name });
  await setTags(transaction, run.number, [{ key: nameTag, value: name }]);
  return "changed";
}
