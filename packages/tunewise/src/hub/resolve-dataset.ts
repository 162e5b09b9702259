/** @file Downloads the data files of a hub data set to the cache. */
import { join } from "node:path";
import { foundEndings } from "@tunewise/core/format";
import { problem, TunewiseError } from "../problem/index.ts";
import { type CachedRepository, findCached } from "./cache.ts";
import { hubHost, networkReason } from "./connection.ts";
import type { HubFile, HubListing } from "./listing.ts";
import { checkHubId } from "./names.ts";
import { fetchRepository, hubAccess } from "./repository.ts";
import type { SourceContext } from "./source-context.ts";

/** JSON files that describe a data set and contain no rows. */
const descriptions = /(^|\/)(dataset_infos?|dataset_dict|state|metadata|croissant|package)\.json$/;

/**
 * Resolves a hub data set to its data files, as cache paths sorted by name. Callers tell train from test by the names.
 *
 * @param id `owner/name`
 * @throws {TunewiseError} `HUB_DATASET_NOT_FOUND` with every source tried, `MODEL_ID_INVALID`, `MODEL_ACCESS_DENIED`,
 *   `MODEL_DOWNLOAD_FAILED`, `MODEL_DOWNLOAD_DAMAGED`, `MODEL_FILE_WRITE_FAILED`
 * @example const paths = await resolveDataset("openai/gsm8k", context)
 */
export async function resolveDataset(
  id: string,
  context: SourceContext,
  revision: string = "main",
): Promise<string[]> {
  checkHubId(id, revision);
  const cached = await findCached(context.cacheFolder, "datasets", id, revision);
  if (cached !== null) return paths(cached);
  const looked = `cache ${context.cacheFolder} (not there)`;
  const access = hubAccess(context);
  if (access === null) {
    const fix = "Run once with network access, or give local data files";
    throw notFound(id, `${looked}; hub (the network is switched off)`, fix);
  }
  const hub = `${looked}; hub ${hubHost(access)}`;
  let fetched: CachedRepository | null;
  try {
    fetched = await fetchRepository(access, context, { kind: "datasets", id, revision, choose: chooseFiles });
  } catch (error) {
    context.signal?.throwIfAborted();
    if (TunewiseError.is(error)) throw error;
    const fix = "Check the connection or set HF_ENDPOINT to a hub that can be reached, then try again";
    throw notFound(id, `${hub} (${networkReason(error)})`, fix);
  }
  if (fetched === null) throw notFound(id, `${hub} (no such data set)`, `Check the spelling of ${id}`);
  if (fetched.names.length === 0) {
    throw notFound(
      id,
      `${hub} (no data files in it)`,
      `Choose a data set with files ending in ${foundEndings.join(", ")}`,
    );
  }
  return paths(fetched);
}

async function chooseFiles({ files }: HubListing): Promise<HubFile[]> {
  // a repository with several formats is read in the preferred one
  for (const ending of foundEndings) {
    const chosen = files.filter((file) => file.name.endsWith(ending) && !descriptions.test(file.name));
    if (chosen.length > 0) return chosen;
  }
  return [];
}

function paths({ folder, names }: CachedRepository): string[] {
  return [...names].sort().map((name) => join(folder, name));
}

function notFound(source: string, looked: string, fix: string): Error {
  return problem("HUB_DATASET_NOT_FOUND", { source, looked, fix });
}
