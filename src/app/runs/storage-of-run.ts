/** @file In which precision the result of a run is computed with. */
import { executedSpec } from "../../executors/index.ts";
import { readPlan } from "../../plan/index.ts";
import { computeHere, defaultStorage } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import type { FoundRun } from "./find-run.ts";

/**
 * The precision for the result of a run: float32 if this engine trained it so, by an earlier version or on a processor
 * without bfloat16, so that it is judged as it was then; otherwise what this machine has.
 */
export async function computeForRun(
  { folder }: Pick<FoundRun, "folder">,
  recipe: Recipe,
  runtime: Pick<Runtime, "cores">,
): Promise<"fp32" | "bf16"> {
  const isOfWorker = (await executedSpec(folder.path))?.placement.kind === "torch";
  const plan = isOfWorker ? null : readPlan(await readTextFile(folder.plan).catch(() => "")).plan;
  const isFloat32 = plan !== null && plan.schedule.base.compute !== "bf16";
  const precision = isFloat32 ? "fp32" : "auto";
  return computeHere({ ...recipe, training: { ...recipe.training, precision } }, runtime);
}

/** The default storage, in that precision. */
export async function storageOfRun(
  found: Pick<FoundRun, "folder">,
  recipe: Recipe,
  runtime: Pick<Runtime, "cores">,
): Promise<ReturnType<typeof defaultStorage>> {
  return defaultStorage(recipe, await computeForRun(found, recipe, runtime));
}
