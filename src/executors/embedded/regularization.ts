/** @file The penalty towards the base model, and the importance of weights (Fisher information) that EWC needs. */
import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type Adapter,
  correlation,
  type Fisher,
  joinFishers,
  type LanguageModel,
  type PenaltySettings,
  readFisher,
  relatedCorrelation,
  writeFisher,
} from "../../engine/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { RunFolder } from "../../track/index.ts";

/** Of what is in the cache: earlier files lack samples of the weights. */
const fisherVersion = 2;

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
 * The penalty of a recipe's run, or `null` if it has none.
 *
 * The importance depends only on model, reference data and settings, so that it is cached; the run's folder gets a
 * copy, which a later task can name under `keep.earlier`.
 *
 * @throws {TunewiseError} `FISHER_UNUSABLE` where an earlier file does not fit this model
 */
export async function regularizationOf(
  model: LanguageModel,
  adapter: Adapter,
  prepared: Prepared,
  folder: RunFolder,
  runtime: Runtime,
  onProgress: OnImportance,
): Promise<Regularization | null> {
  const { keep } = prepared.recipe;
  const { lambda } = keep;
  if (keep.method === "l2-sp") return { penalty: { kind: "l2-sp", lambda }, seconds: 0, bytes: 0 };
  if (keep.method !== "ewc" || prepared.reference === null) return null;
  const start = runtime.elapsedSeconds();
  const fisher = (await exists(folder.fisher))
    ? await readFisher(folder.fisher)
    : await joined(model, adapter, prepared, folder, runtime, onProgress);
  const bytes = [...fisher.tensors.values()].reduce(
    (sum, one) =>
      sum + (one.kind === "full" ? one.bits.byteLength : one.rows.byteLength + one.columns.byteLength),
    0,
  );
  return { penalty: { kind: "ewc", lambda, fisher }, seconds: runtime.elapsedSeconds() - start, bytes };
}

/** This task's reference and the tasks before, written into the run's folder. */
async function joined(
  model: LanguageModel,
  adapter: Adapter,
  prepared: Prepared,
  folder: RunFolder,
  runtime: Runtime,
  onProgress: OnImportance,
): Promise<Fisher> {
  const { keep } = prepared.recipe;
  const own = await importance(model, adapter, prepared, runtime, onProgress);
  const earlier: Fisher[] = [];
  for (const path of keep.earlier) {
    const file = resolve(prepared.loaded.folder, path);
    earlier.push(demandFit(file, await readFisher(file), own));
  }
  const fisher = joinFishers([...earlier, own], keep.gamma);
  await writeFisher(folder.fisher, fisher);
  return fisher;
}

async function importance(
  model: LanguageModel,
  adapter: Adapter,
  { recipe, model: files, reference }: Prepared,
  runtime: Runtime,
  onProgress: OnImportance,
): Promise<Fisher> {
  const { keep, method, training } = recipe;
  const rows = reference?.rows ?? [];
  const dataKey = reference?.dataKey ?? "";
  const modelKey = `${files.source}@${files.revision}`;
  const weights = adapter.kind === "lora" ? adapter.settings.targets : adapter.settings.frozen;
  const about = [
    fisherVersion,
    modelKey,
    dataKey,
    method.kind,
    weights,
    keep.estimator,
    keep.fisher,
    training.seed,
  ];
  const key = createHash("sha256").update(JSON.stringify(about)).digest("hex").slice(0, 32);
  const path = join(runtime.sources.cacheFolder, "fishers", `${key}.safetensors`);
  if (await exists(path)) return readFisher(path);
  const fisher = await model.estimateFisher(adapter, rows, {
    ...{ estimator: keep.estimator, storage: keep.fisher, modelKey, dataKey, seed: training.seed },
    signal: runtime.signal,
    onRow: (done) => onProgress(done, rows.length),
  });
  await writeFisher(path, fisher);
  return fisher;
}

/** An earlier Fisher may be of another training of the model, but not of another model. */
function demandFit(file: string, earlier: Fisher, own: Fisher): Fisher {
  const { storage, estimator } = own.facts;
  const refuse = (detail: string): Error => problem("FISHER_UNUSABLE", { file, detail });
  if (earlier.facts.storage !== storage)
    throw refuse(`it is ${earlier.facts.storage}, this run's is ${storage}`);
  if (earlier.facts.estimator !== estimator) {
    throw refuse(`it was estimated as ${earlier.facts.estimator}, this run's is ${estimator}`);
  }
  for (const [name, { shape }] of own.tensors) {
    const found = earlier.tensors.get(name);
    if (found?.shape.join() === shape.join()) continue;
    const is = found ? `has shape [${found.shape.join(", ")}]` : "is missing";
    throw refuse(
      `it is of another model (${earlier.facts.modelKey}): ${name} ${is}, here [${shape.join(", ")}]`,
    );
  }
  const related = correlation(earlier.samples, own.samples);
  if (related >= relatedCorrelation) return earlier;
  const models = `it was taken at ${earlier.facts.modelKey}, and this run starts from ${own.facts.modelKey}`;
  throw refuse(`${models}: their weights have nothing in common (correlation ${related.toFixed(2)})`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
