/** @file Downloads selected files of a hub repository to the cache. */
import { join } from "node:path";
import { type CachedRepository, type CacheKind, commitFolder, type HubKind, recordCached } from "./cache.ts";
import type { HubAccess } from "./connection.ts";
import { downloadFile } from "./download.ts";
import { type HubFile, type HubListing, listHubFiles } from "./listing.ts";
import type { SourceContext } from "./source-context.ts";

/** The repository, and the files to download. */
export interface RepositoryRequest {
  readonly kind: HubKind;
  /** Section of the cache; defaults to that of the kind. */
  readonly cacheAs?: CacheKind;
  readonly id: string;
  readonly revision: string;
  /**
   * Selects files. Called again after each round with the downloaded files in `folder`, until it returns nothing new,
   * so that a shard index can determine which weights are needed.
   */
  readonly choose: (listing: HubListing, folder: string) => Promise<readonly HubFile[]>;
}

/**
 * Downloads the selected files of a repository and records them as complete.
 *
 * @returns `null` if the hub knows no such repository or revision
 * @throws {TunewiseError} the codes of `listHubFiles` and `downloadFile`
 */
export async function fetchRepository(
  access: HubAccess,
  context: SourceContext,
  request: RepositoryRequest,
): Promise<CachedRepository | null> {
  const { kind, id, revision, cacheAs = kind } = request;
  const listing = await listHubFiles(access, kind, id, revision);
  if (listing === null) return null;
  const folder = commitFolder(context.cacheFolder, cacheAs, id, listing.commit);
  const fetched = new Map<string, HubFile>();
  for (;;) {
    const chosen = await request.choose(listing, folder);
    const wanted = chosen.filter((file) => !fetched.has(file.name));
    if (wanted.length === 0) break;
    for (const file of wanted) {
      const address = fileAddress(access, kind, id, listing.commit, file.name);
      const target = join(folder, file.name);
      await downloadFile(access, { address, target, file, id, onProgress: context.onProgress });
      fetched.set(file.name, file);
    }
  }
  // A repository without a matching file is not recorded, because files may be added later.
  if (fetched.size === 0) return { folder, commit: listing.commit, names: [] };
  return recordCached(context.cacheFolder, cacheAs, id, revision, listing.commit, [...fetched.values()]);
}

/** Network access of the context; `null` if the network is disabled. */
export function hubAccess(context: SourceContext): HubAccess | null {
  if (context.fetch === null) return null;
  return {
    fetch: context.fetch,
    endpoint: context.endpoint,
    token: context.token,
    signal: context.signal,
  };
}

function fileAddress(access: HubAccess, kind: HubKind, id: string, commit: string, name: string): string {
  const place = kind === "datasets" ? `datasets/${id}` : id;
  const path = name.split("/").map(encodeURIComponent).join("/");
  return `${access.endpoint}/${place}/resolve/${commit}/${path}`;
}
