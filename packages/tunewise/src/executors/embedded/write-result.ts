/** @file Writes the selected checkpoint of a training as its result. */

import type { ExecutionEvent, RunResult } from "@tunewise/core/run";
import type { Adapter, LanguageModel } from "@tunewise/engine";
import { type CheckpointOwner, type RunFolder, removeDrafts } from "@tunewise/tracker";
import { resultFolder } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { selectCheckpoint } from "../measure/select-checkpoint.ts";
import { findState } from "./checkpoints.ts";

/** Inputs of writing a result. */
export interface WrittenResult {
  readonly model: LanguageModel;
  readonly adapter: Adapter;
  readonly recipe: Recipe;
  readonly folder: RunFolder;
  readonly owner: CheckpointOwner;
  readonly report: (event: ExecutionEvent) => Promise<void>;
}

/** Loads the selected checkpoint into the adapter and writes the result. Returns the checkpoint's step. */
export async function writeResult(
  { model, adapter, recipe, folder, owner, report }: WrittenResult,
  { status, state }: Pick<RunResult, "status" | "state">,
): Promise<number> {
  await report({ kind: "write-start" });
  const wanted =
    recipe.training.checkpointSelection === "last"
      ? undefined
      : (selectCheckpoint(state, recipe) ?? undefined);
  let { step } = state;
  if (status === "failed" || (wanted !== undefined && wanted !== step)) {
    const choice = { owner, restore: (path: string) => adapter.restore(path) };
    const found = await findState(folder, wanted === undefined ? choice : { ...choice, step: wanted });
    if (found) step = found.checkpoint.step;
  }
  await model.saveResult(adapter, resultFolder(recipe, folder));
  await removeDrafts(folder);
  return step;
}
