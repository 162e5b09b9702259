/**
 * @file `tunewise store backup` writes a store and its files to an archive, even while a server writes to the store.
 * `tunewise store restore` restores an archive into an empty store of either database.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isAddress, openAsIs } from "../open-store.ts";
import { problem } from "../problem/index.ts";
import type { StoreHost } from "../store-host.ts";
import { openArtifacts, type TrackingPaths } from "../tracking-context.ts";
import { openSink } from "./archive-sink.ts";
import { backUp } from "./back-up.ts";
import type { ArchiveProgress, Manifest } from "./manifest.ts";
import { restore } from "./restore.ts";
import { openArchive } from "./verify-archive.ts";

/** A written archive. */
export interface BackedUp {
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  /** `null` if files were excluded. */
  readonly files: number | null;
  readonly schemaVersion: number;
}

/** Everything of a host except its secrets and its monotonic clock. */
type ArchiveHost = Omit<StoreHost, "elapsedSeconds" | "randomBytes">;

/** Options of a backup. */
export interface BackUpOptions {
  readonly places: TrackingPaths;
  readonly withoutFiles: boolean;
  readonly onProgress?: (progress: ArchiveProgress) => void;
}

/**
 * Writes an archive. An existing file is never overwritten.
 *
 * @param file path of the archive
 * @throws {TunewiseError} `ARCHIVE_EXISTS`, `STORE_NOT_FOUND` and the errors of `backUp` and `openArtifacts`
 * @throws the signal's reason; no part of the archive remains in that case
 */
export async function backUpStore(
  file: string,
  runtime: ArchiveHost,
  options: BackUpOptions,
): Promise<BackedUp> {
  const { places, withoutFiles, onProgress } = options;
  const path = resolve(runtime.cwd, file);
  if (existsSync(path)) throw problem("ARCHIVE_EXISTS", { path });
  if (!isAddress(places.store) && !existsSync(places.store))
    throw problem("STORE_NOT_FOUND", { path: places.store });
  const newId = idsFrom(runtime);
  const artifacts = withoutFiles ? null : await openArtifacts(places.artifacts, newId, runtime);
  const database = await openAsIs(places.store);
  try {
    const sink = await openSink(path, newId());
    try {
      const manifest = await backUp({
        database,
        artifacts,
        sink,
        onProgress,
        signal: runtime.signal,
        tunewise: runtime.versions["tunewise"] ?? "",
        createdAt: runtime.now().toISOString(),
      });
      runtime.signal.throwIfAborted();
      await sink.end();
      return { path, bytes: sink.bytes, ...countsOf(manifest) };
    } catch (error) {
      await sink.drop();
      throw error;
    }
  } finally {
    await database.close();
  }
}

/** Creates ids for files that are being written. */
function idsFrom({ random }: Pick<StoreHost, "random">): () => string {
  return () => Math.floor(random() * 2 ** 48).toString(36);
}

type Counts = Pick<BackedUp, "rows" | "files" | "schemaVersion">;

/** Numbers of rows and files in an archive. */
function countsOf({ tables, files, schema_version }: Manifest): Counts {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { rows, files: files?.count ?? null, schemaVersion: schema_version };
}

/** A restored store. */
interface Restored extends Counts {
  /** A path, or an address without its password. */
  readonly store: string;
  readonly artifacts: string;
  readonly createdAt: string;
}

/**
 * Checks an archive and restores it into an empty store and an empty artifact store.
 *
 * @throws {TunewiseError} the errors of `restore`, `openArchive`, `openArtifacts` and `openAsIs`
 * @throws the signal's reason; both stores are unchanged in that case
 */
export async function restoreStore(
  file: string,
  runtime: ArchiveHost,
  options: Omit<BackUpOptions, "withoutFiles">,
): Promise<Restored> {
  const { places, onProgress } = options;
  const path = resolve(runtime.cwd, file);
  const archive = await openArchive(path);
  try {
    const artifacts = await openArtifacts(places.artifacts, idsFrom(runtime), runtime);
    if (!isAddress(places.store)) await mkdir(dirname(places.store), { recursive: true });
    const database = await openAsIs(places.store);
    try {
      const { signal } = runtime;
      const manifest = await restore({ path, archive, database, artifacts, onProgress, signal });
      const about = { store: database.path, artifacts: artifacts.place, createdAt: manifest.created_at };
      return { ...about, ...countsOf(manifest) };
    } finally {
      await database.close();
    }
  } finally {
    await archive.close();
  }
}
