/** @file Opens a model folder in Hugging Face layout, or a `.gguf` file. */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { problem } from "../problem/index.ts";
import type { TokenizerFiles } from "../tokenize/index.ts";
import { checkConfigNumbers } from "./config-ranges.ts";
import { openGguf } from "./gguf/gguf.ts";
import { isJsonObject, type JsonObject, readJsonFile } from "./json-file.ts";
import { maximumConfigBytes, maximumTokenizerBytes } from "./limits.ts";
import type { ModelFiles } from "./model-files.ts";
import { closedOnError, readWholeFile } from "./positioned-file.ts";
import { openSafetensors } from "./safetensors/safetensors.ts";

/** Where a model comes from. */
interface Provenance {
  readonly source: string;
  readonly origin: string;
  /** Hub commit; `null` uses the first 12 digits of the weights' fingerprint. */
  readonly revision: string | null;
}

const singleName = "model.safetensors";
const indexName = "model.safetensors.index.json";

/** Whether a file of this name can contain a pickle. */
export function isPickleName(name: string): boolean {
  return /\.(bin|pt|pth|ckpt|pkl)$/.test(name);
}

/**
 * The entry point to the weights among the names of a folder: the shard index, the single file, or the only
 * `.safetensors`; `null` if there is none.
 */
export function weightsEntry(names: readonly string[]): string | null {
  if (names.includes(singleName)) return singleName;
  if (names.includes(indexName)) return indexName;
  const others = names.filter((name) => name.endsWith(".safetensors") && !name.startsWith("adapter_"));
  return others.length === 1 ? (others[0] ?? null) : null;
}

/**
 * Opens a model folder: `config.json`, `tokenizer.json` and safetensors weights, or a single `.gguf` file in it.
 *
 * @throws {TunewiseError} `MODEL_FILE_MISSING`, `MODEL_PICKLE_ONLY`, and the errors of the readers
 */
export async function openModelFolder(folder: string, provenance: Provenance): Promise<ModelFiles> {
  const names = await readdir(folder);
  const entry = weightsEntry(names);
  const ggufs = names.filter((name) => name.endsWith(".gguf"));
  if (entry === null && ggufs.length === 1) return openModelGguf(join(folder, ggufs[0] ?? ""), provenance);
  if (entry === null) {
    const pickle = names.find(isPickleName);
    if (pickle !== undefined) throw problem("MODEL_PICKLE_ONLY", { place: folder, file: pickle });
    throw problem("MODEL_FILE_MISSING", { place: folder, file: singleName });
  }
  for (const file of ["config.json", "tokenizer.json"]) {
    if (!names.includes(file)) throw problem("MODEL_FILE_MISSING", { place: folder, file });
  }
  const config = await readJsonFile(join(folder, "config.json"), maximumConfigBytes);
  checkConfigNumbers(config);
  const tokenizer = await readTokenizer(folder, names, config);
  const generation = await readOptional(folder, names, "generation_config.json");
  const weights = await openSafetensors(join(folder, entry));
  return withRevision(provenance, { folder: resolve(folder), config, generation, tokenizer, weights });
}

/**
 * Opens a `.gguf` file as a model.
 *
 * @throws {TunewiseError} the errors of `openGguf`
 */
export async function openModelGguf(path: string, provenance: Provenance): Promise<ModelFiles> {
  return withRevision(provenance, await openGguf(path));
}

/** Adds the revision to an open model, whose weights are closed if they cannot be read. */
function withRevision(
  provenance: Provenance,
  model: Omit<ModelFiles, keyof Provenance>,
): Promise<ModelFiles> {
  return closedOnError(model.weights, async () => {
    const revision = provenance.revision ?? (await model.weights.fingerprint()).slice(0, 12);
    return { ...provenance, revision, ...model };
  });
}

/** Reads tokenizer, chat template and end-of-answer ids of a folder. */
export async function readTokenizer(
  folder: string,
  names: readonly string[],
  config: JsonObject,
): Promise<TokenizerFiles> {
  const generation = await readOptional(folder, names, "generation_config.json");
  return {
    tokenizer: await readJsonFile(join(folder, "tokenizer.json"), maximumTokenizerBytes),
    config: await readOptional(folder, names, "tokenizer_config.json"),
    chatTemplate: names.includes("chat_template.jinja")
      ? new TextDecoder().decode(await readWholeFile(join(folder, "chat_template.jinja"), maximumConfigBytes))
      : null,
    endIds: endIds(generation["eos_token_id"] ?? config["eos_token_id"] ?? textEndIds(config)),
  };
}

/** A small JSON file of a folder; empty if it does not exist. */
async function readOptional(folder: string, names: readonly string[], name: string): Promise<JsonObject> {
  return names.includes(name) ? await readJsonFile(join(folder, name), maximumConfigBytes) : {};
}

/** Multimodal models nest the settings of their text model one level down. */
function textEndIds(config: JsonObject): unknown {
  const text = config["text_config"];
  return isJsonObject(text) ? text["eos_token_id"] : undefined;
}

function endIds(value: unknown): number[] {
  const ids: readonly unknown[] = Array.isArray(value) ? value : [value];
  return ids.filter((id): id is number => Number.isSafeInteger(id) && (id as number) >= 0);
}
