/** @file Fetches the files of a model that a plan needs: configuration and tokenizer, without the weights. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { TokenizerFiles } from "@tunewise/engine/tokenize";
import { maximumConfigBytes, readJsonFile, readTokenizer } from "@tunewise/engine/weights";
import { TunewiseError } from "../problem/index.ts";
import { findCached } from "./cache.ts";
import { checkHubId } from "./names.ts";
import { fetchRepository, hubAccess } from "./repository.ts";
import { looksLikePath, smallFiles, templateFile } from "./resolve-model.ts";
import type { SourceContext } from "./source-context.ts";

/** The parts of a model that a plan uses. */
export interface ModelCard {
  readonly source: string;
  readonly origin: string;
  /** Hub commit; `local` for a folder. */
  readonly revision: string;
  /** Parsed `config.json`. Not trusted. */
  readonly config: Readonly<Record<string, unknown>>;
  /** `null` if the model has no tokenizer that tunewise can read. */
  readonly tokenizer: TokenizerFiles | null;
}

/** A card, or the reason why there is none. */
export type FoundCard = { readonly card: ModelCard } | { readonly reason: string };

/**
 * Finds the small files of a model in a local folder, in the cache or on the hub. Never downloads weights.
 *
 * @param source local folder or hub id
 * @throws {TunewiseError} `MODEL_ID_INVALID`, `MODEL_ACCESS_DENIED`
 */
export async function resolveModelCard(
  source: string,
  revision: string,
  context: SourceContext,
): Promise<FoundCard> {
  const found = await stat(source).catch(() => null);
  if (found?.isDirectory()) return cardOf(source, { source, origin: "local folder", revision: "local" });
  if (found !== null || looksLikePath(source)) return { reason: "no folder with a config.json" };
  checkHubId(source, revision);
  const cached = await findCached(context.cacheFolder, "cards", source, revision);
  if (cached !== null) return cardOf(cached.folder, { source, origin: "cache", revision: cached.commit });
  return cardFromHub(source, revision, context);
}

async function cardFromHub(source: string, revision: string, context: SourceContext): Promise<FoundCard> {
  const access = hubAccess(context);
  if (access === null) return { reason: "the network is switched off" };
  try {
    const fetched = await fetchRepository(access, context, {
      kind: "models",
      cacheAs: "cards",
      id: source,
      revision,
      choose: async ({ files }) => files.filter(({ name }) => smallFiles.test(name) || name === templateFile),
    });
    if (fetched === null) return { reason: "the hub knows no such model or revision" };
    const provenance = { source, origin: "Hugging Face hub", revision: fetched.commit };
    return await cardOf(fetched.folder, provenance);
  } catch (error) {
    context.signal?.throwIfAborted();
    if (TunewiseError.is(error) && error.code === "MODEL_ACCESS_DENIED") throw error;
    return { reason: error instanceof Error ? error.message : "the hub cannot be reached" };
  }
}

async function cardOf(
  folder: string,
  provenance: Omit<ModelCard, "config" | "tokenizer">,
): Promise<FoundCard> {
  const names = await readdir(folder);
  if (!names.includes("config.json")) return { reason: "no config.json" };
  const config = await readJsonFile(join(folder, "config.json"), maximumConfigBytes);
  const tokenizer = names.includes("tokenizer.json") ? await readTokenizer(folder, names, config) : null;
  return { card: { ...provenance, config, tokenizer } };
}
