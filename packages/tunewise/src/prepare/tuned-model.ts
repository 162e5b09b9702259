/** @file Opens the base model of a run in the planned format, and creates or loads what is trained. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Run } from "@tunewise/core/run";
import {
  type Adapter,
  type BaseOptions,
  calibrateBase,
  type LanguageModel,
  openModel,
  readFullResult,
  whyNotBf16,
} from "@tunewise/engine";
import { type ModelFiles, readAdapter } from "@tunewise/engine/weights";
import { isDraft, type RunFolder } from "@tunewise/tracker";
import type { Schedule } from "../plan/index.ts";
import { problem } from "../problem/index.ts";
import { type Recipe, templateKey } from "../recipe/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { Prepared } from "./prepare.ts";

/** Default storage of the base without a plan: in memory, in the format of the method. */
export function defaultStorage(
  { method }: Pick<Recipe, "method">,
  compute: "fp32" | "bf16",
): Schedule["base"] {
  const wide = compute === "bf16" && method.kind === "lora" ? "stored" : "float32";
  return { format: method.kind === "qlora" ? "nf4" : wide, place: "memory", compute };
}

/**
 * The engine's options for a recipe's base.
 *
 * @param data fingerprint of a run's rows, which a calibrated base depends on; `null` without a run
 */
export function baseOptions(
  files: ModelFiles,
  recipe: Recipe,
  holding: Schedule["base"],
  runtime: Runtime,
  data: string | null,
): BaseOptions {
  const isCalibrated = recipe.method.calibrate && holding.format === "nf4" && data !== null;
  return {
    ...holding,
    ...(isCalibrated ? { calibration: calibrationKey(recipe, data) } : {}),
    doubleQuantization: recipe.method.doubleQuantization,
    cache: { folder: runtime.sources.cacheFolder, modelKey: `${files.source}@${files.revision}` },
  };
}

/** Version of the calibration method; caches of other versions are ignored. */
const calibrationVersion = 3;

/** Cache key of a calibrated base, in addition to the model: the tokenized rows. */
function calibrationKey({ data, model }: Recipe, fingerprint: string): string {
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
    ...[templateKey(model)].filter((key) => key !== ""),
  ];
  return createHash("sha256").update(JSON.stringify(basis)).digest("hex").slice(0, 16);
}

/**
 * Opens the base of a recipe. Its files stay in use until the model is closed.
 *
 * @param data see `baseOptions`
 * @throws {TunewiseError} `ENGINE_BF16_MISSING` for a plan of another machine whose bfloat16 products this one does not
 *   support
 */
export async function openBaseModel(
  files: ModelFiles,
  recipe: Recipe,
  holding: Schedule["base"],
  runtime: Runtime,
  data: string | null,
): Promise<LanguageModel> {
  const threads = recipe.machine.threads ?? runtime.cores;
  const reason = holding.compute === "bf16" ? await whyNotBf16(threads) : null;
  if (reason !== null) throw problem("ENGINE_BF16_MISSING", { reason });
  return openModel(files, { threads, base: baseOptions(files, recipe, holding, runtime, data) });
}

/**
 * Opens the base of a prepared recipe, after calibrating it on the rows if required.
 *
 * @param data fingerprint of the run's rows
 */
export async function openPreparedBase(
  { model, recipe, encoded }: Prepared,
  holding: Schedule["base"],
  runtime: Runtime,
  data: string,
  onLayer?: (done: number, total: number) => void,
): Promise<LanguageModel> {
  const base = baseOptions(model, recipe, holding, runtime, data);
  if (base.calibration !== undefined) {
    const options = { threads: recipe.machine.threads ?? runtime.cores };
    const hooks = { signal: runtime.signal, ...(onLayer ? { onLayer } : {}) };
    await calibrateBase(model, encoded.train.rows, base, options, hooks);
  }
  return openBaseModel(model, recipe, holding, runtime, data);
}

/** Creates what a recipe trains, in its initial state. */
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
 * Loads the result of a run into its model.
 *
 * @throws {TunewiseError} `RUN_WITHOUT_ADAPTER`, `RUN_AT_WORK` if the run has none
 */
export async function loadTuned(
  model: LanguageModel,
  { method }: Recipe,
  folder: RunFolder,
  run: Pick<Run, "id" | "status">,
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
    throw withoutResult(run, cause);
  }
}

/** Error for a run without a result: a running one will have a result, others can be resumed. */
export function withoutResult({ id, status }: Pick<Run, "id" | "status">, cause: unknown): Error {
  return status === "running"
    ? problem("RUN_AT_WORK", { run: id }, { cause })
    : problem("RUN_WITHOUT_ADAPTER", { run: id, status }, { cause });
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
