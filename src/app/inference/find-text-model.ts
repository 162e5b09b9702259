/**
 * @file Finds who shall speak: the result of a run beside its base, the base of a recipe, or a model by itself.
 */
import { basename, isAbsolute } from "node:path";
import { type Adapter, type LanguageModel, openModel } from "../../engine/index.ts";
import {
  findModel,
  loadRecipe,
  loadTuned,
  type OnDownload,
  openBaseModel,
  usualHolding,
} from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Host } from "../../runtime/index.ts";
import type { ModelFiles } from "../../weights/index.ts";
import { type FoundRun, findRun, recipeOfRun } from "../runs/index.ts";

/** Where to look. */
export interface TextModelOptions {
  /** The base alone, also of a run. */
  readonly base?: boolean;
  readonly output?: string;
  readonly onDownload?: OnDownload;
}

/** A model that can be asked by name. */
export interface ModelVariant {
  readonly name: string;
  readonly kind: "base" | "tuned";
}

/** A voice, and how what it was trained to gets into the model; the base needs nothing. */
export interface FoundVariant extends ModelVariant {
  readonly load: ((model: LanguageModel) => Promise<Adapter>) | null;
}

/** Everything to open, nothing opened yet but the weights' files. */
export interface FoundTextModel {
  readonly files: ModelFiles;
  /** Opens the base, held as it was trained with. */
  readonly open: () => Promise<LanguageModel>;
  /** The one asked for first. */
  readonly voices: readonly FoundVariant[];
  /** System text and prompt template that the training rows had. */
  readonly system: string | null;
  readonly promptTemplate: string;
  readonly decoding: { readonly maxNewTokens: number; readonly temperature: number; readonly topP: number };
}

/** Looked for where nothing is named. */
const defaultRecipe = "tunewise.yaml";

/**
 * Finds a run (id, start of one, `latest`), a recipe (`.yaml`), or a model (hub id, folder, `.gguf` file).
 *
 * @param source `null`: the recipe in this folder
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RECIPE_NOT_FOUND`, `MODEL_NOT_FOUND`
 */
export async function findTextModel(
  source: string | null,
  host: Host,
  options: TextModelOptions,
): Promise<FoundTextModel> {
  if (source === null || /\.ya?ml$/i.test(source)) {
    const { recipe, folder } = await loadRecipe(source ?? defaultRecipe, host);
    return ofRecipe(recipe, folder, null, host, options);
  }
  const found = await findRun(source, host, options.output).catch((error: unknown) => {
    if (TunewiseError.is(error) && error.code === "RUN_NOT_FOUND" && source !== "latest") return null;
    throw error;
  });
  return found ? ofRun(found, host, options) : ofModel(source, host, options);
}

async function ofRun(found: FoundRun, host: Host, options: TextModelOptions): Promise<FoundTextModel> {
  const { run, folder } = found;
  const { recipe, folder: recipeFolder } = await recipeOfRun(found);
  const load = (model: LanguageModel): Promise<Adapter> => loadTuned(model, recipe, folder, run);
  const tuned = options.base ? null : ({ name: run.id, kind: "tuned", load } as const);
  return ofRecipe(recipe, recipeFolder, tuned, host, options, run.dataFingerprint);
}

async function ofRecipe(
  recipe: Recipe,
  folder: string,
  tuned: FoundVariant | null,
  host: Host,
  { onDownload }: TextModelOptions,
  rows: string | null = null,
): Promise<FoundTextModel> {
  const { model, data, evaluation } = recipe;
  const files = await findModel(model.source, model.revision, folder, host, onDownload);
  return {
    files,
    open: () => openBaseModel(files, recipe, usualHolding(recipe), host, rows),
    voices: [...(tuned ? [tuned] : []), baseVariant(model.source)],
    system: data.system,
    promptTemplate: data.promptTemplate,
    decoding: evaluation,
  };
}

async function ofModel(
  source: string,
  host: Host,
  { onDownload }: TextModelOptions,
): Promise<FoundTextModel> {
  const files = await findModel(source, "main", host.cwd, host, onDownload);
  return {
    files,
    open: () => openModel(files, { threads: host.cores }),
    voices: [baseVariant(source)],
    system: null,
    promptTemplate: "{prompt}",
    decoding: { maxNewTokens: 256, temperature: 0, topP: 1 },
  };
}

/** A model on the disk is named by its last part: where it lies is nobody's business. */
function baseVariant(source: string): FoundVariant {
  const isPath = isAbsolute(source) || /^\.{1,2}([/\\]|$)|\.gguf$/i.test(source);
  return { name: isPath ? basename(source) || "base" : source, kind: "base", load: null };
}
