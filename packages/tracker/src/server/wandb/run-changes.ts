/** @file Mutations of runs from outside their programs: alerts, status, deletion; and rewinding, which is refused. */

import {
  addAlert,
  changeTrackedRun,
  findProject,
  setRunStage,
  severityFrom,
  type TrackedStatus,
  touchRun,
  type WandbRun,
} from "../../index.ts";
import type { WandbCall } from "./call.ts";
import { type Fields, textOf } from "./fields.ts";
import { runOf, runOfId } from "./find.ts";
import { wandbRefusal } from "./refuse.ts";

/** Records an alert and forwards it. */
export async function notifyAlert(fields: Fields, { context }: WandbCall): Promise<Fields> {
  const [alert, run, project] = await context.write(async (transaction) => {
    const found = requireThere(await runOf(transaction, fields));
    const { number } = found.run;
    const kept = await addAlert(transaction, number, {
      title: textOf(fields["title"]) ?? "",
      text: textOf(fields["text"]) ?? "",
      severity: severityFrom(fields["severity"]),
      ms: context.now(),
    });
    await touchRun(transaction, number, context.now());
    return [kept, found, await findProject(transaction, { number: found.run.project })] as const;
  });
  context.onAlert({
    ...alert,
    run: run.run.id,
    runName: run.run.name,
    project: project?.name ?? run.project,
  });
  return { success: true };
}

/** Deletes a run as MLflow does, so that it can be restored. Refuses to delete its artifacts along with it. */
export async function deleteRun(fields: Fields, { context, caller }: WandbCall): Promise<Fields> {
  if (fields["deleteArtifacts"] === true) {
    throw wandbRefusal(
      "tunewise does not delete a run's artifacts with it: delete them by themselves, or the run with delete_artifacts=False.",
    );
  }
  await context.write(async (transaction) => {
    const { run } = await runOfId(transaction, fields["id"]);
    const about = { stage: "deleted", person: caller.name, nowMs: context.now() } as const;
    await setRunStage(transaction, [run], about);
  });
  return { clientMutationId: textOf(fields["clientMutationId"]), success: true };
}

const settable: Readonly<Record<string, TrackedStatus>> = { pending: "scheduled", failed: "failed" };

/** Sets a run to pending or failed on behalf of a program that cannot do so. */
export async function updateRunState(fields: Fields, { context }: WandbCall): Promise<Fields> {
  const status = settable[textOf(fields["state"]) ?? ""];
  if (!status) throw wandbRefusal("A run's state can be set to pending or failed.");
  await context.write(async (transaction) => {
    const { run } = requireThere(await runOfId(transaction, fields["id"]));
    if (run.status === "completed" || run.status === status) return;
    const endedMs = status === "failed" ? (run.endedMs ?? context.now()) : null;
    await changeTrackedRun(transaction, run.number, { status, endedMs });
  });
  return { success: true };
}

/** Refuses rewinding, which would lose data logged since the step; a fork from the same step preserves it. */
export function rewindRun(fields: Fields): never {
  const [name, step] = [textOf(fields["runName"]) ?? "RUN", Math.floor(Number(fields["metricValue"] ?? 0))];
  throw wandbRefusal(
    `tunewise does not rewind runs (resume_from), since that would drop what the run logged after step ${step}. ` +
      `Begin a new one there: wandb.init(fork_from="${name}?_step=${step}").`,
  );
}

function requireThere(run: WandbRun): WandbRun {
  if (run.run.stage === "deleted")
    throw wandbRefusal(`Run ${run.run.id} is deleted and accepts no more data.`);
  return run;
}
