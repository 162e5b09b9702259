/** @file Chooses the precision for computing with a run's result. */

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
 * Chooses the precision for a run's result. The engine's runs use the precision of their training, so that scores stay
 * comparable, or float32 if this machine does not support it. The worker's runs use the faster precision.
 *
 * @param config the model's configuration
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
    // the precision that the recipe requires applied to the training only
    const anywhere: Recipe = { ...recipe, training: { ...recipe.training, precision: "auto" } };
    return (await choosePrecision(anywhere, runtime, answeringWork(config, recipe))).compute;
  }
  if (plan.schedule.base.compute !== "bf16") return "fp32";
  return (await whyNotBf16(recipe.machine.threads ?? runtime.cores)) === null ? "bf16" : "fp32";
}

/** The default storage format in the precision of the run. */
export async function storageOfRun(
  found: Pick<FoundRun, "folder">,
  recipe: Recipe,
  config: Readonly<Record<string, unknown>>,
  runtime: PrecisionRuntime,
): Promise<ReturnType<typeof defaultStorage>> {
  return defaultStorage(recipe, await computeForRun(found, recipe, config, runtime));
}
