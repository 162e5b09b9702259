/** @file Finds and opens a text model: a run's result with its base, a recipe's base, or another model. */
import { basename, isAbsolute } from "node:path";
import { type Adapter, type BaseOptions, type LanguageModel, openModel } from "@tunewise/engine";
import type { ModelFiles } from "@tunewise/engine/weights";
import type { Schedule } from "../../plan/index.ts";
import {
  answeringWork,
  baseOptions,
  choosePrecision,
  defaultStorage,
  findModel,
  findRecipeModel,
  loadRecipe,
  loadTuned,
  type OnDownload,
  openBaseModel,
} from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type FoundRun, findRun, recipeOfRun, requireEngine, storageOfRun } from "../runs/index.ts";

/** Options of the search. */
export interface TextModelOptions {
  /** Whether to use only the base, even for a run. */
  readonly base?: boolean;
  readonly output?: string;
  readonly onDownload?: OnDownload;
}

/** Decoding settings of a recipe's evaluation. */
export interface EvaluationDecoding {
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly topP: number;
}

/** A model variant that is selected by its name or by an alias. */
export interface ModelVariant {
  readonly name: string;
  readonly kind: "base" | "tuned";
  /** Further names, such as that of the API model that it replaces. */
  readonly aliases: readonly string[];
  readonly decoding: EvaluationDecoding;
  /** Whether the recipe trains on documents, so that a prompt is a text to continue. */
  readonly continuesText: boolean;
}

/** A variant, with the function that loads its adapter; `null` for the base. */
export interface FoundVariant extends ModelVariant {
  readonly load: ((model: LanguageModel) => Promise<Adapter>) | null;
  /** System prompt and prompt template of the training rows. */
  readonly system: string | null;
  readonly promptTemplate: string;
}

/** The base in memory, and the cache key of its calibration, if it is calibrated. */
export type BaseStorage = Schedule["base"] & Pick<BaseOptions, "calibration">;

/** A text model before it is opened. Only the weight files are open. */
export interface FoundTextModel {
  readonly files: ModelFiles;
  /** Default storage of the base. */
  readonly storage: () => Promise<BaseStorage>;
  /** Opens the base model, in its default storage by default. */
  readonly open: (storage?: BaseStorage) => Promise<LanguageModel>;
  /** The default variant comes first. */
  readonly variants: readonly FoundVariant[];
}

/** Recipe used if no source is given. */
const defaultRecipe = "tunewise.yaml";

/**
 * Finds a run (id, id prefix, `latest`), a recipe (`.yaml`), or a model (hub id, folder, `.gguf` file).
 *
 * @param source `null` for the recipe in this folder
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RECIPE_NOT_FOUND`, `MODEL_NOT_FOUND`, `RUN_MODEL_UNSUPPORTED`
 */
export async function findTextModel(
  source: string | null,
  runtime: Runtime,
  options: TextModelOptions,
): Promise<FoundTextModel> {
  if (source === null || /\.ya?ml$/i.test(source)) {
    const { recipe, folder } = await loadRecipe(source ?? defaultRecipe, runtime);
    return ofRecipe(recipe, folder, null, runtime, options);
  }
  const found = await findRun(source, runtime, options.output).catch((error: unknown) => {
    if (TunewiseError.is(error) && error.code === "RUN_NOT_FOUND") return null;
    throw error;
  });
  return found ? ofRun(found, runtime, options) : ofModel(source, runtime, options);
}

async function ofRun(found: FoundRun, runtime: Runtime, options: TextModelOptions): Promise<FoundTextModel> {
  const { recipe, folder } = await recipeOfRun(found);
  const model = await ofRecipe(recipe, folder, found, runtime, options);
  requireEngine(found, model.files, recipe.method);
  return model;
}

async function ofRecipe(
  recipe: Recipe,
  folder: string,
  found: FoundRun | null,
  runtime: Runtime,
  { base, onDownload }: TextModelOptions,
): Promise<FoundTextModel> {
  const { model, data, evaluation } = recipe;
  const files = await findRecipeModel({ recipe, folder }, runtime, onDownload);
  const rows = found?.run.dataFingerprint ?? null;
  const unmeasured = async (): Promise<Schedule["base"]> => {
    const { compute } = await choosePrecision(recipe, runtime, answeringWork(files.config, recipe));
    return defaultStorage(recipe, compute);
  };
  const storage = async (): Promise<BaseStorage> => {
    const held = await (found ? storageOfRun(found, recipe, files.config, runtime) : unmeasured());
    const { calibration } = baseOptions(files, recipe, held, runtime, rows);
    return calibration === undefined ? held : { ...held, calibration };
  };
  const { maxNewTokens, temperature, topP } = evaluation;
  const style: VariantStyle = {
    system: data.system,
    promptTemplate: data.promptTemplate,
    decoding: { maxNewTokens, temperature, topP },
    continuesText: recipe.task.kind === "language-modeling",
  };
  return {
    files,
    storage,
    open: async (chosen) => openBaseModel(files, recipe, chosen ?? (await storage()), runtime, rows),
    variants: [
      ...(found && !base ? [tunedVariant(found, recipe, style)] : []),
      baseVariant(model.source, style),
    ],
  };
}

/** How a variant is asked. */
type VariantStyle = Pick<FoundVariant, "system" | "promptTemplate" | "decoding" | "continuesText">;

async function ofModel(
  source: string,
  runtime: Runtime,
  { onDownload }: TextModelOptions,
): Promise<FoundTextModel> {
  const files = await findModel(source, "main", runtime.cwd, runtime, onDownload);
  const decoding = { maxNewTokens: 256, temperature: 0, topP: 1 };
  return {
    files,
    storage: async () => ({ format: "float32", place: "memory", compute: "fp32" }),
    open: () => openModel(files, { threads: runtime.cores }),
    variants: [
      baseVariant(source, { system: null, promptTemplate: "{prompt}", decoding, continuesText: false }),
    ],
  };
}

function tunedVariant({ run, folder }: FoundRun, recipe: Recipe, style: VariantStyle): FoundVariant {
  const load = (model: LanguageModel): Promise<Adapter> => loadTuned(model, recipe, folder, run);
  return { name: run.id, kind: "tuned", aliases: [], load, ...style };
}

/** Names a local model by its base name, so that its path is not disclosed. */
function baseVariant(source: string, style: VariantStyle): FoundVariant {
  const isPath = isAbsolute(source) || /^\.{1,2}([/\\]|$)|\.gguf$/i.test(source);
  const name = isPath ? basename(source) || "base" : source;
  return { name, kind: "base", aliases: [], load: null, ...style };
}
