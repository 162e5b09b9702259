/** @file `tunewise store restore`: restores an archive into an empty store of either database. */
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Runtime } from "../../runtime/index.ts";
import { type ArchiveProgress, isAddress, openArchive, openUnmigrated, restore } from "../../track/index.ts";
import { type BackedUp, countsOf } from "./back-up-store.ts";
import { openArtifacts } from "./open-artifacts.ts";
import type { TrackingPaths } from "./tracking-context.ts";

/** A restored store. */
export interface Restored extends Pick<BackedUp, "rows" | "files" | "schemaVersion"> {
  /** A path, or an address without its password. */
  readonly store: string;
  readonly artifacts: string;
  readonly createdAt: string;
}

/** Options of a restore. */
export interface RestoreOptions {
  readonly places: TrackingPaths;
  readonly onProgress?: (progress: ArchiveProgress) => void;
}

/**
 * Checks an archive and restores it into an empty store and an empty artifact store.
 *
 * @throws {TunewiseError} the errors of `restore`, `openArchive`, `openArtifacts` and `openUnmigrated`
 * @throws the signal's reason; then both stores are unchanged
 */
export async function restoreStore(
  file: string,
  runtime: Runtime,
  options: RestoreOptions,
): Promise<Restored> {
  const { places, onProgress } = options;
  const path = resolve(runtime.cwd, file);
  const archive = await openArchive(path);
  try {
    const newId = (): string => Math.floor(runtime.random() * 2 ** 48).toString(36);
    const artifacts = await openArtifacts(places.artifacts, newId, runtime);
    const isPostgres = isAddress(places.store);
    if (!isPostgres) await mkdir(dirname(places.store), { recursive: true });
    const database = await openUnmigrated(places.store);
    try {
      const manifest = await restore({
        ...{ path, archive, database, artifacts, onProgress, signal: runtime.signal },
      });
      const about = { store: database.path, artifacts: artifacts.place, createdAt: manifest.created_at };
      return { ...about, ...countsOf(manifest) };
    } finally {
      await database.close();
    }
  } finally {
    await archive.close();
  }
}
