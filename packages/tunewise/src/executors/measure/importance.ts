/** @file Caches the importance of weights (Fisher information), and merges that of earlier tasks. */
import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  correlation,
  type Fisher,
  joinFishers,
  readFisher,
  relatedCorrelation,
  writeFisher,
} from "@tunewise/engine";
import type { RunFolder } from "@tunewise/tracker";
import type { Prepared } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Version of cached files; earlier ones lack samples of the weights. */
const fisherVersion = 2;

/** Keys that identify model and reference data in an importance file. */
export function importanceKeys({ model, reference }: Pick<Prepared, "model" | "reference">): {
  readonly modelKey: string;
  readonly dataKey: string;
} {
  return { modelKey: `${model.source}@${model.revision}`, dataKey: reference?.dataKey ?? "" };
}

/**
 * Path of a recipe's cached importance, which depends only on model, reference data and settings.
 *
 * @param weights the adapter's targets, or the frozen weights of full fine-tuning
 * @param by identifies the estimator if it is not the engine
 */
export function importancePath(
  prepared: Prepared,
  weights: "all-linear" | readonly string[],
  { sources }: Pick<Runtime, "sources">,
  by: readonly string[] = [],
): string {
  const { regularization, method, training } = prepared.recipe;
  const { modelKey, dataKey } = importanceKeys(prepared);
  const about = [
    ...[
      fisherVersion,
      modelKey,
      dataKey,
      method.kind,
      weights,
      regularization.estimator,
      regularization.fisher,
      training.seed,
    ],
    ...by,
  ];
  const key = createHash("sha256").update(JSON.stringify(about)).digest("hex").slice(0, 32);
  return join(sources.cacheFolder, "fishers", `${key}.safetensors`);
}

/**
 * Merges a task's importance with that of earlier tasks and writes it into the run's folder, where a later task can
 * name it under `regularization.earlier`.
 *
 * @throws {TunewiseError} `FISHER_UNUSABLE` if an earlier file does not match this model
 */
export async function joinEarlier(own: Fisher, prepared: Prepared, folder: RunFolder): Promise<Fisher> {
  const { regularization } = prepared.recipe;
  const earlier: Fisher[] = [];
  for (const path of regularization.earlier) {
    const file = resolve(prepared.loaded.folder, path);
    earlier.push(requireFit(file, await readFisher(file), own));
  }
  const fisher = joinFishers([...earlier, own], regularization.gamma);
  await writeFisher(folder.fisher, fisher);
  return fisher;
}

/** Requires that an earlier file is of the same model; it may be of another training of it. */
function requireFit(file: string, earlier: Fisher, own: Fisher): Fisher {
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

/** Whether a file exists. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
