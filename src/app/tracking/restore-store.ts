/**
 * @file `tunewise store restore`: an archive into a store without content, of either database.
 */
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Host } from "../../runtime/index.ts";
import { type ArchiveProgress, isAddress, openArchive, openUnmigrated, restore } from "../../track/index.ts";
import { type BackedUp, countsOf } from "./back-up-store.ts";
import type { DeskPlaces } from "./desk.ts";
import { openArtifacts } from "./open-artifacts.ts";

/** A store that was brought back. */
export interface Restored extends Pick<BackedUp, "rows" | "files" | "schemaVersion"> {
  /** A path, or an address without its password. */
  readonly store: string;
  readonly artifacts: string;
  readonly createdAt: string;
}

/** Where to bring it. */
export interface RestoreOptions {
  readonly places: DeskPlaces;
  readonly onProgress?: (progress: ArchiveProgress) => void;
}

/**
 * Checks an archive and brings it into a store and a place of files that are both empty.
 *
 * @throws {TunewiseError} the errors of `restore`, `openArchive`, `openArtifacts` and `openUnmigrated`
 * @throws the signal's reason; the store and the place are then as they were
 */
export async function restoreStore(file: string, host: Host, options: RestoreOptions): Promise<Restored> {
  const { places, onProgress } = options;
  const path = resolve(host.cwd, file);
  const archive = await openArchive(path);
  try {
    const newId = (): string => Math.floor(host.random() * 2 ** 48).toString(36);
    const artifacts = await openArtifacts(places.artifacts, newId, host);
    const isPostgres = isAddress(places.store);
    if (!isPostgres) await mkdir(dirname(places.store), { recursive: true });
    const database = await openUnmigrated(places.store);
    try {
      const manifest = await restore({
        ...{ path, archive, database, artifacts, onProgress, signal: host.signal },
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
