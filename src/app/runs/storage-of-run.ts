/** @file How the base of a run is stored to compute with its result. */
import { executedSpec } from "../../executors/index.ts";
import { defaultStorage } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Placement } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { FoundRun } from "./find-run.ts";

/**
 * The default storage, in the precision that this machine trained the run in: what was trained in float32, here by an
 * earlier version or on a processor without bfloat16, is judged as it was then.
 *
 * @throws {TunewiseError} `ENGINE_BF16_MISSING`
 */
export async function storageOfRun(
  { folder }: Pick<FoundRun, "folder">,
  recipe: Recipe,
  runtime: Runtime,
): ReturnType<typeof defaultStorage> {
  const placement = (await executedSpec(folder.path))?.placement;
  return defaultStorage(isFloat32(placement) ? inFloat32(recipe) : recipe, runtime);
}

function isFloat32(placement: Placement | undefined): boolean {
  return placement?.kind === "this-machine" && (placement.base.compute ?? "fp32") === "fp32";
}

function inFloat32(recipe: Recipe): Recipe {
  return { ...recipe, training: { ...recipe.training, precision: "fp32" } };
}
