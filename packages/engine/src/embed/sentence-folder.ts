/**
 * @file Reads the settings files of a sentence-transformers model: pooling, maximum length, prompts.
 *
 * The files are untrusted: folder names must be plain, sizes are bounded, and unsupported settings are rejected.
 *
 * @source UKPLab/sentence-transformers sentence_transformers/SentenceTransformer.py, models/Pooling.py,
 *   models/Transformer.py; version 5
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@tunewise/core/untrusted";
import { problem } from "../problem/index.ts";
import type { TokenizerFiles } from "../tokenize/index.ts";
import {
  isJsonObject,
  type JsonObject,
  maximumConfigBytes,
  readJsonFile,
  readTokenizer,
  readWholeFile,
} from "../weights/index.ts";
import type { Pooling } from "./pool.ts";

/** The parsed settings of a folder. */
export interface SentenceFolder {
  /** `model.onnx`, or `model.safetensors`. */
  readonly weights: { readonly path: string; readonly kind: "onnx" | "safetensors" };
  /** `config.json`; empty if an ONNX file comes without one. */
  readonly config: JsonObject;
  readonly tokenizer: TokenizerFiles;
  readonly poolings: readonly Pooling[];
  /** Maximum tokens of a text that the model was trained for; `null` if not stated. */
  readonly maxTokens: number | null;
  readonly isLowerCased: boolean;
  /** Prefixes before a question and before a passage. */
  readonly prompts: { readonly question: string; readonly passage: string };
}

/**
 * Reads a folder's settings without reading any weights.
 *
 * @throws {TunewiseError} `MODEL_FILE_MISSING`, `MODEL_FILE_DAMAGED`, `MODEL_FILE_LIMIT`, `ENCODER_UNSUPPORTED`
 */
export async function readSentenceFolder(folder: string): Promise<SentenceFolder> {
  const modules = await readModules(folder);
  const place = modules?.transformer ? join(folder, modules.transformer) : folder;
  const names = await namesIn(place);
  const weights = await findWeights(place, names);
  const config = names.includes("config.json") ? await small(place, "config.json") : {};
  if (weights.kind === "safetensors" && !names.includes("config.json")) {
    throw problem("MODEL_FILE_MISSING", { place, file: "config.json" });
  }
  if (!names.includes("tokenizer.json"))
    throw problem("MODEL_FILE_MISSING", { place, file: "tokenizer.json" });
  const sentence = names.includes("sentence_bert_config.json")
    ? await small(place, "sentence_bert_config.json")
    : {};
  const tokenizer = await readTokenizer(place, names, config);
  return {
    weights,
    config,
    tokenizer,
    poolings: await readPoolings(folder, modules),
    maxTokens: lengthIn(sentence["max_seq_length"]) ?? lengthIn(modelLength(tokenizer)),
    isLowerCased: sentence["do_lower_case"] === true,
    prompts: await readPrompts(folder),
  };
}

/** Settings that determine vectors besides the weights, as text for the fingerprint. */
export function settingsText({
  poolings,
  maxTokens,
  isLowerCased,
  tokenizer,
  config,
}: SentenceFolder): string {
  return JSON.stringify({
    poolings,
    maxTokens,
    isLowerCased,
    tokenizer: tokenizer.tokenizer,
    config,
  });
}

/** Paths of a model's modules; `null` if there is no `modules.json`. */
interface Modules {
  readonly transformer: string;
  readonly pooling: string | null;
}

async function readModules(folder: string): Promise<Modules | null> {
  const names = await namesIn(folder);
  if (!names.includes("modules.json"))
    return names.includes("1_Pooling") ? { transformer: "", pooling: "1_Pooling" } : null;
  const path = join(folder, "modules.json");
  const list = jsonArray(await readWholeFile(path, maximumConfigBytes), path);
  const found = { transformer: "", pooling: null as string | null };
  for (const one of list) {
    const { type, path: part } = isJsonObject(one) ? one : {};
    const kind = String(type).split(".").at(-1) ?? "";
    const isPlain = typeof part === "string" && /^(?:\w[\w.-]{0,99})?$/.test(part);
    if (!isPlain) throw damaged(path, `it names the folder ${JSON.stringify(part)?.slice(0, 100)}`);
    if (kind === "Transformer") found.transformer = part;
    else if (kind === "Pooling") found.pooling = part;
    else if (kind !== "Normalize")
      throw unsupported(folder, `has a part ${kind.slice(0, 60)} behind its pooling`);
  }
  return found;
}

/** Reads pooling modes from the older key of each mode, or from the newer key that names the mode. */
async function readPoolings(folder: string, modules: Modules | null): Promise<Pooling[]> {
  if (modules?.pooling == null) return ["mean"];
  const config = await small(join(folder, modules.pooling), "config.json");
  if (config["include_prompt"] === false) throw unsupported(folder, "leaves prompts out of its pooling");
  const word = config["pooling_mode"];
  const listed = typeof word === "string" ? word.split("+").map((one) => `pooling_mode_${keyOf(one)}`) : null;
  const modes = Object.keys(config).filter((key) => key.startsWith("pooling_mode_") && config[key] === true);
  const chosen = listed ?? modes;
  const known: Readonly<Record<string, Pooling>> = {
    pooling_mode_cls_token: "cls",
    pooling_mode_max_tokens: "max",
    pooling_mode_mean_tokens: "mean",
    pooling_mode_mean_sqrt_len_tokens: "mean-sqrt",
    pooling_mode_lasttoken: "last",
  };
  const strange = chosen.find((key) => !Object.hasOwn(known, key));
  if (strange !== undefined) throw unsupported(folder, `pools by ${strange.slice(0, 60)}`);
  const order: readonly string[] = Object.keys(known);
  const poolings = order.filter((key) => chosen.includes(key)).map((key) => known[key] as Pooling);
  return poolings.length > 0 ? poolings : ["mean"];
}

function keyOf(word: string): string {
  return word === "lasttoken" ? word : word === "cls" ? "cls_token" : `${word}_tokens`;
}

/** Reads prompts by the names that model authors commonly use. */
async function readPrompts(folder: string): Promise<SentenceFolder["prompts"]> {
  const name = "config_sentence_transformers.json";
  if (!(await namesIn(folder)).includes(name)) return { question: "", passage: "" };
  const prompts = (await small(folder, name))["prompts"];
  const first = (...keys: readonly string[]): string => {
    const found = keys
      .map((key) => (isJsonObject(prompts) ? prompts[key] : null))
      .find((one) => typeof one === "string");
    return typeof found === "string" ? found.slice(0, 2_000) : "";
  };
  return {
    question: first("query", "search_query"),
    passage: first("passage", "document", "search_document"),
  };
}

async function findWeights(place: string, names: readonly string[]): Promise<SentenceFolder["weights"]> {
  if (names.includes("model.onnx")) return { path: join(place, "model.onnx"), kind: "onnx" };
  if (names.includes("onnx") && (await namesIn(join(place, "onnx"))).includes("model.onnx")) {
    return { path: join(place, "onnx", "model.onnx"), kind: "onnx" };
  }
  if (names.includes("model.safetensors"))
    return { path: join(place, "model.safetensors"), kind: "safetensors" };
  throw problem("MODEL_FILE_MISSING", { place, file: "model.onnx or model.safetensors" });
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function small(folder: string, name: string): Promise<JsonObject> {
  return readJsonFile(join(folder, name), maximumConfigBytes);
}

function modelLength({ config }: TokenizerFiles): unknown {
  return isJsonObject(config) ? config["model_max_length"] : undefined;
}

/** A number of tokens; tokenizers without a limit state 1e30. */
function lengthIn(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 4 && (value as number) <= 1 << 20
    ? (value as number)
    : null;
}

function jsonArray(bytes: Uint8Array, path: string): readonly unknown[] {
  try {
    const value: unknown = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (Array.isArray(value)) return value;
  } catch (cause) {
    throw problem("MODEL_FILE_DAMAGED", { file: path, detail: "it is not valid JSON" }, { cause });
  }
  throw damaged(path, "it is not a list");
}

function damaged(path: string, detail: string): Error {
  return problem("MODEL_FILE_DAMAGED", { file: path, detail });
}

function unsupported(place: string, reason: string): Error {
  return problem("ENCODER_UNSUPPORTED", { place, reason });
}
