/**
 * @file Opens the one model that all local arms of a try share, with the results of runs beside it.
 */

import { needsOwnVectors } from "../../baselines/index.ts";
import type { Adapter, LanguageModel } from "../../engine/index.ts";
import { loadTuned, openPreparedBase, type Prepared, usualHolding } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Host } from "../../runtime/index.ts";
import type { FoundArms } from "./find-arms.ts";

/** The base and what was trained beside it. */
export interface LocalModel {
  readonly model: LanguageModel;
  /** By the id of a tuned arm. */
  readonly adapters: ReadonlyMap<string, Adapter>;
}

/** Whether any arm needs the recipe's model, or retrieval does. */
export function needsModel({ lines }: Pick<FoundArms, "lines">, { retrieval }: Recipe): boolean {
  if (needsOwnVectors(retrieval)) return true;
  return lines.some(({ candidates }) => candidates.some(({ who }) => who === "base" || who === "tuned"));
}

/**
 * Opens it; who opens, closes.
 *
 * @throws {TunewiseError} `RUN_WITHOUT_ADAPTER`, and what opening a model throws
 */
export async function openLocalModel(
  prepared: Prepared,
  { runs }: Pick<FoundArms, "runs">,
  host: Host,
): Promise<LocalModel> {
  const holding = usualHolding(prepared.recipe);
  const model = await openPreparedBase(prepared, holding, host, prepared.dataFingerprint);
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
