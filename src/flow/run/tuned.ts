/**
 * @file A run's model: the base held as its plan says, what is trained beside or in place of it, and the result.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Adapter,
  type BaseOptions,
  type LanguageModel,
  type ModelFiles,
  openModel,
  readAdapter,
  readFullResult,
} from "../../engine/index.ts";
import type { Schedule } from "../../plan/index.ts";
import { problem } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { RunFolder } from "../../track/index.ts";
import type { Host } from "../host.ts";

/** How the base is held where no plan says it: as its method needs it, in memory. */
export function usualHolding({ method }: Recipe): Schedule["base"] {
  return { format: method.kind === "qlora" ? "nf4" : "float32", place: "memory" };
}

/** How a recipe's base is to be held, for the engine. */
export function baseOptions(
  files: ModelFiles,
  recipe: Recipe,
  holding: Schedule["base"],
  host: Host,
): BaseOptions {
  return {
    ...holding,
    doubleQuantization: recipe.method.doubleQuantization,
    cache: { folder: host.sources.cacheFolder, modelKey: `${files.source}@${files.revision}` },
  };
}

/** Opens the base of a recipe; its files stay in use until the model is closed. */
export function openBaseModel(
  files: ModelFiles,
  recipe: Recipe,
  holding: Schedule["base"],
  host: Host,
): Promise<LanguageModel> {
  const base = baseOptions(files, recipe, holding, host);
  return openModel(files, { threads: recipe.machine.threads ?? host.cores, base });
}

/** What a recipe trains, as it is before the first step. */
export async function createTuned(
  model: LanguageModel,
  { method, model: { source }, training }: Recipe,
  revision: string,
): Promise<Adapter> {
  const about = { baseModel: source, revision };
  if (method.kind === "full") return model.createFull({ frozen: method.freeze, ...about });
  const { rank, alpha, rslora, dropout, targets } = method;
  return model.createAdapter({ rank, alpha, rslora, dropout, targets, ...about }, training.seed);
}

/**
 * The result of a run, in its model.
 *
 * @throws {TunewiseError} `RUN_WITHOUT_ADAPTER` where the run has none
 */
export async function loadTuned(
  model: LanguageModel,
  { method }: Recipe,
  folder: RunFolder,
  run: { readonly id: string; readonly status: string },
): Promise<Adapter> {
  try {
    if (method.kind !== "full") {
      const { settings, tensors } = await readAdapter(folder.adapter);
      return model.loadAdapter(settings, tensors);
    }
    const { settings, files } = await readFullResult(folder.weights);
    try {
      return await model.loadFull(settings, files);
    } finally {
      await files.close();
    }
  } catch (cause) {
    throw problem("RUN_WITHOUT_ADAPTER", { run: run.id, status: run.status }, { cause });
  }
}

/** Folder of a run's result. */
export function resultFolder({ method }: Recipe, folder: RunFolder): string {
  return method.kind === "full" ? folder.weights : folder.adapter;
}

/** Files of a run's result, relative to its folder. */
export async function resultFiles(folder: RunFolder): Promise<string[]> {
  const found = await Promise.all(
    [folder.adapter, folder.weights].map(async (part) => {
      const names = await readdir(part).catch(() => []);
      return names.sort().map((name) => join(part, name).slice(folder.path.length + 1));
    }),
  );
  return found.flat();
}
