/**
 * @file `tunewise store backup`: writes a store and its files to one archive, also while a server writes to the store.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type ArchiveProgress,
  backUp,
  isAddress,
  type Manifest,
  openSink,
  openUnmigrated,
} from "../../track/index.ts";
import { openArtifacts } from "./open-artifacts.ts";
import type { TrackingPaths } from "./tracking-context.ts";

/** An archive that was written. */
export interface BackedUp {
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  /** `null` if files were excluded. */
  readonly files: number | null;
  readonly schemaVersion: number;
}

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
 * @throws the signal's reason; then no part of the archive remains
 */
export async function backUpStore(file: string, runtime: Runtime, options: BackUpOptions): Promise<BackedUp> {
  const { places, withoutFiles, onProgress } = options;
  const path = resolve(runtime.cwd, file);
  if (existsSync(path)) throw problem("ARCHIVE_EXISTS", { path });
  const isPostgres = isAddress(places.store);
  if (!isPostgres && !existsSync(places.store)) throw problem("STORE_NOT_FOUND", { path: places.store });
  const newId = (): string => Math.floor(runtime.random() * 2 ** 48).toString(36);
  const artifacts = withoutFiles ? null : await openArtifacts(places.artifacts, newId, runtime);
  const database = await openUnmigrated(places.store);
  try {
    const sink = await openSink(path, newId());
    try {
      const manifest = await backUp({
        ...{ database, artifacts, sink, onProgress, signal: runtime.signal },
        ...{ tunewise: runtime.versions["tunewise"] ?? "", createdAt: runtime.now().toISOString() },
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

/** Counts of rows and files in an archive. */
export function countsOf({
  tables,
  files,
  schema_version,
}: Manifest): Pick<BackedUp, "rows" | "files" | "schemaVersion"> {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { rows, files: files?.count ?? null, schemaVersion: schema_version };
}
