/** @file Penalty towards the base model, and the importance of weights (Fisher information) that EWC needs. */
import {
  type Adapter,
  type Fisher,
  type LanguageModel,
  type PenaltySettings,
  readFisher,
  writeFisher,
} from "@tunewise/engine";
import type { RunFolder } from "@tunewise/tracker";
import type { Prepared } from "../../prepare/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { exists, importanceKeys, importancePath, joinEarlier } from "../measure/importance.ts";

/** Called with progress. */
export type OnImportance = (done: number, total: number) => void;

/** A penalty, and the cost of its importance. */
export interface Regularization {
  readonly penalty: PenaltySettings;
  /** Time to estimate the importance; 0 if it was cached. */
  readonly seconds: number;
  /** Bytes of importance held while training. */
  readonly bytes: number;
}

/**
 * Returns the penalty of a recipe's run, or `null` if it has none.
 *
 * The importance depends only on model, reference data and settings, so it is cached. The run's folder gets a copy,
 * which a later task can name under `regularization.earlier`.
 *
 * @throws {TunewiseError} `FISHER_UNUSABLE` if an earlier file does not match this model
 */
export async function regularizationOf(
  model: LanguageModel,
  adapter: Adapter,
  prepared: Prepared,
  folder: RunFolder,
  runtime: Runtime,
  onProgress: OnImportance,
): Promise<Regularization | null> {
  const { regularization } = prepared.recipe;
  const { lambda } = regularization;
  if (regularization.method === "l2-sp") return { penalty: { kind: "l2-sp", lambda }, seconds: 0, bytes: 0 };
  if (regularization.method !== "ewc" || prepared.reference === null) return null;
  const start = runtime.elapsedSeconds();
  const fisher = (await exists(folder.fisher))
    ? await readFisher(folder.fisher)
    : await joinEarlier(await importance(model, adapter, prepared, runtime, onProgress), prepared, folder);
  const bytes = [...fisher.tensors.values()].reduce(
    (sum, one) =>
      sum + (one.kind === "full" ? one.bits.byteLength : one.rows.byteLength + one.columns.byteLength),
    0,
  );
  return { penalty: { kind: "ewc", lambda, fisher }, seconds: runtime.elapsedSeconds() - start, bytes };
}

async function importance(
  model: LanguageModel,
  adapter: Adapter,
  prepared: Prepared,
  runtime: Runtime,
  onProgress: OnImportance,
): Promise<Fisher> {
  const { regularization, training } = prepared.recipe;
  const rows = prepared.reference?.rows ?? [];
  const weights = adapter.kind === "lora" ? adapter.settings.targets : adapter.settings.frozen;
  const path = importancePath(prepared, weights, runtime);
  if (await exists(path)) return readFisher(path);
  const fisher = await model.estimateFisher(adapter, rows, {
    ...importanceKeys(prepared),
    estimator: regularization.estimator,
    storage: regularization.fisher,
    seed: training.seed,
    signal: runtime.signal,
    onRow: (done) => onProgress(done, rows.length),
  });
  await writeFisher(path, fisher);
  return fisher;
}
