/**
 * @file Brings together what every use case starts from: the model's files, its tokenizer, the rows as tokens.
 */
import { isAbsolute, resolve } from "node:path";
import {
  checkSplits,
  createTokenizer,
  type EncodedExamples,
  type Example,
  encodeExamples,
  readSplits,
  type Splits,
  type Tokenizer,
} from "../dataset/index.ts";
import { type DownloadProgress, type ModelFiles, resolveDataset, resolveModel } from "../engine/index.ts";
import type { Finding } from "../problem/index.ts";
import type { DataSection, Recipe } from "../recipe/index.ts";
import type { Host } from "./host.ts";
import type { LoadedRecipe } from "./load-recipe.ts";

/** Model and rows of a recipe; nothing is computed yet. */
export interface Prepared {
  readonly loaded: LoadedRecipe;
  readonly recipe: Recipe;
  readonly model: ModelFiles;
  readonly tokenizer: Tokenizer;
  readonly examples: Splits<Example>;
  readonly encoded: {
    readonly train: EncodedExamples;
    readonly validation: EncodedExamples;
    readonly test: EncodedExamples;
  };
  readonly dataFingerprint: string;
  /** From recipe, files, rows and encoding; worst first within each. */
  readonly findings: readonly Finding[];
}

/** Called while something is fetched. */
export type OnDownload = (progress: DownloadProgress) => void;

/** Finds the model, reads the rows, encodes them. */
export async function prepare(loaded: LoadedRecipe, host: Host, onDownload?: OnDownload): Promise<Prepared> {
  const { recipe, folder } = loaded;
  const model = await findModel(recipe.model.source, recipe.model.revision, folder, host, onDownload);
  const tokenizer = createTokenizer(model.tokenizer);
  const data = await localData(recipe.data, host, onDownload);
  const { splits, findings, fingerprint } = await readSplits({ ...data, folder });
  const { maxLength, overflow, loss } = recipe.data;
  const encode = (rows: readonly Example[]): EncodedExamples =>
    encodeExamples(rows, tokenizer, { maxLength, overflow, loss });
  const encoded = {
    train: encode(splits.train),
    validation: encode(splits.validation),
    test: encode(splits.test),
  };
  const checks = checkSplits(splits, { labels: recipe.task.kind === "classify" });
  return {
    loaded,
    recipe,
    model,
    tokenizer,
    examples: splits,
    encoded,
    dataFingerprint: fingerprint,
    findings: [
      ...loaded.findings,
      ...findings,
      ...checks,
      ...encoded.train.findings,
      ...encoded.validation.findings,
      ...encoded.test.findings,
    ],
  };
}

/** A model by id, by folder or by file; relative paths start from the recipe. */
export async function findModel(
  source: string,
  revision: string,
  folder: string,
  host: Host,
  onDownload?: OnDownload,
): Promise<ModelFiles> {
  const context = { ...host.sources, signal: host.signal, ...(onDownload ? { onProgress: onDownload } : {}) };
  const isPath = /^\.{1,2}([/\\]|$)/.test(source);
  return resolveModel(isPath && !isAbsolute(source) ? resolve(folder, source) : source, revision, context);
}

/** Hub data sets become files of the cache: `hub:owner/name`, or `hub:owner/name#part` where names tell parts apart. */
async function localData(data: DataSection, host: Host, onDownload?: OnDownload): Promise<DataSection> {
  const fetchPart = async (source: string | null, part: string): Promise<string | null> => {
    if (source === null || !source.startsWith("hub:")) return source;
    const [id = "", wanted = part] = source.slice("hub:".length).split("#");
    const context = {
      ...host.sources,
      signal: host.signal,
      ...(onDownload ? { onProgress: onDownload } : {}),
    };
    const files = await resolveDataset(id, context);
    return files.find((file) => file.toLowerCase().includes(wanted)) ?? files[0] ?? source;
  };
  return {
    ...data,
    train: (await fetchPart(data.train, "train")) ?? data.train,
    validation: await fetchPart(data.validation, "validation"),
    test: await fetchPart(data.test, "test"),
  };
}
