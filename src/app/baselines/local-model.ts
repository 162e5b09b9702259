/** @file Opens the model that all local arms of a try share, with the adapters of tuned arms. */

import { needsOwnVectors } from "../../baselines/index.ts";
import type { Adapter, LanguageModel } from "../../engine/index.ts";
import { defaultStorage, loadTuned, openPreparedBase, type Prepared } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { FoundArms } from "./find-arms.ts";

/** The base model and its adapters. */
export interface LocalModel {
  readonly model: LanguageModel;
  /** By id of the tuned arm. */
  readonly adapters: ReadonlyMap<string, Adapter>;
}

/** Whether an arm or retrieval needs the recipe's model. */
export function needsModel({ lines }: Pick<FoundArms, "lines">, { retrieval }: Recipe): boolean {
  if (needsOwnVectors(retrieval)) return true;
  return lines.some(({ candidates }) => candidates.some(({ who }) => who === "base" || who === "tuned"));
}

/**
 * Opens the model. The caller closes it.
 *
 * @throws {TunewiseError} `RUN_WITHOUT_ADAPTER`, and those of opening a model
 */
export async function openLocalModel(
  prepared: Prepared,
  { runs }: Pick<FoundArms, "runs">,
  runtime: Runtime,
): Promise<LocalModel> {
  const holding = defaultStorage(prepared.recipe);
  const model = await openPreparedBase(prepared, holding, runtime, prepared.dataFingerprint);
  try {
    const byRun = new Map<string, Adapter>();
    const adapters = new Map<string, Adapter>();
    for (const [arm, { run, folder }] of runs) {
      const adapter = byRun.get(run.id) ?? (await loadTuned(model, prepared.recipe, folder, run));
      byRun.set(run.id, adapter);
      adapters.set(arm, adapter);
    }
    return { model, adapters };
  } catch (error) {
    await model.close();
    throw error;
  }
}
