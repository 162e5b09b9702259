/** @file Finds the model of a recipe, or its tokenizer alone, with the recipe's chat template. */
import { isAbsolute, resolve } from "node:path";
import type { JsonObject } from "@tunewise/core/rows";
import {
  createTokenizer,
  type Tokenizer,
  type TokenizerFiles,
  withTemplate,
} from "@tunewise/engine/tokenize";
import type { ModelFiles } from "@tunewise/engine/weights";
import { type DownloadProgress, resolveModel, resolveModelCard } from "../hub/index.ts";
import { isTemplateText, type Recipe } from "../recipe/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { LoadedRecipe } from "./load-recipe.ts";

/** Called with download progress. */
export type OnDownload = (progress: DownloadProgress) => void;

/**
 * Finds a model by id, folder or file. Relative paths are resolved from the recipe. Its files are not kept open: code
 * that reads weights opens and closes them.
 */
export async function findModel(
  source: string,
  revision: string,
  folder: string,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<ModelFiles> {
  const context = {
    ...runtime.sources,
    signal: runtime.signal,
    ...(onDownload ? { onProgress: onDownload } : {}),
  };
  const model = await resolveModel(modelPath(source, folder), revision, context);
  await model.weights.close();
  return model;
}

/** Finds a recipe's model as `findModel` does, with the recipe's chat template. */
export async function findRecipeModel(
  { recipe, folder }: Pick<LoadedRecipe, "recipe" | "folder">,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<ModelFiles> {
  const { source, revision } = recipe.model;
  const model = await findModel(source, revision, folder, runtime, onDownload);
  return { ...model, tokenizer: templatedFiles(model.tokenizer, recipe.model) };
}

/** The tokenizer's files with the chat template and the variables of a recipe. */
export function templatedFiles(files: TokenizerFiles, model: Recipe["model"]): TokenizerFiles {
  const { chatTemplate: template, chatTemplateKwargs: variables } = model;
  if (template !== null && !isTemplateText(template))
    throw new Error("Internal: the recipe's chat template has not been read");
  return withTemplate(files, { template, variables: variables as JsonObject | null });
}

/** Resolves a relative path from the recipe's folder. Anything else is returned unchanged. */
export function modelPath(source: string, folder: string): string {
  const isPath = /^\.{1,2}([/\\]|$)/.test(source);
  return isPath && !isAbsolute(source) ? resolve(folder, source) : source;
}

/** The tokenizer of a recipe's model. Weights are downloaded only if they contain it (GGUF). */
export async function findTokenizer(
  { recipe, folder }: LoadedRecipe,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<Tokenizer> {
  return createTokenizer(await findTokenizerFiles({ recipe, folder }, runtime, onDownload));
}

/** The files of that tokenizer, with the recipe's chat template. */
export async function findTokenizerFiles(
  { recipe, folder }: Pick<LoadedRecipe, "recipe" | "folder">,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<TokenizerFiles> {
  const { source, revision } = recipe.model;
  const context = {
    ...runtime.sources,
    signal: runtime.signal,
    ...(onDownload ? { onProgress: onDownload } : {}),
  };
  const found = await resolveModelCard(modelPath(source, folder), revision, context);
  const files = "card" in found ? found.card.tokenizer : null;
  if (files !== null) return templatedFiles(files, recipe.model);
  return (await findRecipeModel({ recipe, folder }, runtime, onDownload)).tokenizer;
}
