/** @file In which precision the result of a run is computed with. */

import { readTextFile } from "@tunewise/core/untrusted";
import { executedSpec } from "../../executors/index.ts";
import { readPlan } from "../../plan/index.ts";
import {
  answeringWork,
  choosePrecision,
  defaultStorage,
  type PrecisionRuntime,
  whyNotBf16,
} from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { FoundRun } from "./find-run.ts";

/**
 * The precision for the result of a run: the one this engine trained it in, so that it is judged as it was then, or
 * float32 where this machine has no other. A run of the worker is computed in the faster one.
 *
 * @param config of the model
 */
export async function computeForRun(
  { folder }: Pick<FoundRun, "folder">,
  recipe: Recipe,
  config: Readonly<Record<string, unknown>>,
  runtime: PrecisionRuntime,
): Promise<"fp32" | "bf16"> {
  const isOfWorker = (await executedSpec(folder.path))?.placement.kind === "torch";
  const plan = isOfWorker ? null : readPlan(await readTextFile(folder.plan).catch(() => "")).plan;
  if (plan === null) {
    // the recipe's demand was met where the run was computed
    const anywhere: Recipe = { ...recipe, training: { ...recipe.training, precision: "auto" } };
    return (await choosePrecision(anywhere, runtime, answeringWork(config, recipe))).compute;
  }
  if (plan.schedule.base.compute !== "bf16") return "fp32";
  return (await whyNotBf16(recipe.machine.threads ?? runtime.cores)) === null ? "bf16" : "fp32";
}

/** The default storage, in that precision. */
export async function storageOfRun(
  found: Pick<FoundRun, "folder">,
  recipe: Recipe,
  config: Readonly<Record<string, unknown>>,
  runtime: PrecisionRuntime,
): Promise<ReturnType<typeof defaultStorage>> {
  return defaultStorage(recipe, await computeForRun(found, recipe, config, runtime));
}
