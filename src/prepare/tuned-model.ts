/**
 * @file A run's model: the base held as its plan says, what is trained beside or in place of it, and the result.
 */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Adapter,
  type BaseOptions,
  calibrateBase,
  type LanguageModel,
  openModel,
  readFullResult,
} from "../engine/index.ts";
import type { Schedule } from "../plan/index.ts";
import { problem } from "../problem/index.ts";
import type { Recipe } from "../recipe/index.ts";
import type { Host } from "../runtime/index.ts";
import { isDraft, type RunFolder } from "../track/index.ts";
import { type ModelFiles, readAdapter } from "../weights/index.ts";
import type { Prepared } from "./prepare.ts";

/** How the base is held where no plan says it: as its method needs it, in memory. */
export function usualHolding({ method }: Recipe): Schedule["base"] {
  return { format: method.kind === "qlora" ? "nf4" : "float32", place: "memory" };
}

/**
 * How a recipe's base is to be held, for the engine.
 *
 * @param data fingerprint of the rows of a run, which a calibrated base belongs to; `null`: there is no run
 */
export function baseOptions(
  files: ModelFiles,
  recipe: Recipe,
  holding: Schedule["base"],
  host: Host,
  data: string | null,
): BaseOptions {
  const isCalibrated = recipe.method.calibrate && holding.format === "nf4" && data !== null;
  return {
    ...holding,
    ...(isCalibrated ? { calibration: calibrationKey(recipe, data) } : {}),
    doubleQuantization: recipe.method.doubleQuantization,
    cache: { folder: host.sources.cacheFolder, modelKey: `${files.source}@${files.revision}` },
  };
}

/** Of the way in which bases are calibrated: a cache that was made in another way is not read. */
const calibrationVersion = 3;

/** What a calibrated base depends on beside the model: the rows as they are encoded. */
function calibrationKey({ data }: Recipe, fingerprint: string): string {
  const { maxLength, overflow, system, promptTemplate, rows, split } = data;
  const basis = [
    calibrationVersion,
    fingerprint,
    maxLength,
    overflow,
    system,
    promptTemplate,
    rows.train,
    split.seed,
  ];
  return createHash("sha256").update(JSON.stringify(basis)).digest("hex").slice(0, 16);
}

/**
 * Opens the base of a recipe; its files stay in use until the model is closed.
 *
 * @param data as `baseOptions`
 */
export function openBaseModel(
  files: ModelFiles,
  recipe: Recipe,
  holding: Schedule["base"],
  host: Host,
  data: string | null,
): Promise<LanguageModel> {
  const base = baseOptions(files, recipe, holding, host, data);
  return openModel(files, { threads: recipe.machine.threads ?? host.cores, base });
}

/**
 * Opens the base of a recipe whose rows are at hand, calibrated on them first where it is to be.
 *
 * @param data fingerprint of the run's rows
 */
export async function openPreparedBase(
  { model, recipe, encoded }: Prepared,
  holding: Schedule["base"],
  host: Host,
  data: string,
  onLayer?: (done: number, total: number) => void,
): Promise<LanguageModel> {
  const base = baseOptions(model, recipe, holding, host, data);
  if (base.calibration !== undefined) {
    const runtime = { threads: recipe.machine.threads ?? host.cores };
    const hooks = { signal: host.signal, ...(onLayer ? { onLayer } : {}) };
    await calibrateBase(model, encoded.train.rows, base, runtime, hooks);
  }
  return openBaseModel(model, recipe, holding, host, data);
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
      const whole = names.filter((name) => !isDraft(name));
      return whole.sort().map((name) => join(part, name).slice(folder.path.length + 1));
    }),
  );
  return found.flat();
}
