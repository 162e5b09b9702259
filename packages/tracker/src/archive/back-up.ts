/** @file Writes a store and the files that clients logged to an archive. */
import { createHash } from "node:crypto";
import { type ArtifactStore, artifactKey } from "../artifacts/artifact-store.ts";
import { storedKey } from "../artifacts/stored-name.ts";
import type { Database, Snapshot } from "../database/database.ts";
import { problem } from "../problem/index.ts";
import { readVersion, schemaVersion } from "../schema/schema.ts";
import type { ArchiveSink } from "./archive-sink.ts";
import { type ArchiveWatch, archiveVersion, filesOfList, type Manifest, names } from "./manifest.ts";
import { lineOf, partWriter, selectList } from "./part-writer.ts";
import { type SchemaTable, schemaTables } from "./schema-tables.ts";

/** What to back up, and where to write it. */
export interface BackUpRequest extends ArchiveWatch {
  readonly database: Database;
  /** `null`: the archive has no files. */
  readonly artifacts: ArtifactStore | null;
  readonly sink: ArchiveSink;
  /** Version of tunewise, for the manifest. */
  readonly tunewise: string;
  /** ISO time, for the manifest. */
  readonly createdAt: string;
}

/**
 * Writes an archive. All tables come from one snapshot. Files are read after the snapshot, so that files named by its
 * rows are included.
 *
 * @throws {TunewiseError} `STORE_NOT_FOUND` if the database has no tunewise tables, `STORE_VERSION`,
 *   `ARCHIVE_WRITE_FAILED`, and the errors of the database and the artifact store
 * @throws the signal's reason
 */
export async function backUp(request: BackUpRequest): Promise<Manifest> {
  const { database, artifacts, sink, tunewise, createdAt } = request;
  const tables = await database.snapshot(async (snapshot) => {
    if ((await readVersion(snapshot, database.path)) === 0)
      throw problem("STORE_NOT_FOUND", { path: database.path });
    const packed: Manifest["tables"][number][] = [];
    for (const table of await schemaTables()) packed.push(await packTable(snapshot, table, request));
    return packed;
  });
  const files = artifacts && (await packFiles(artifacts, request));
  const manifest: Manifest = {
    format: "tunewise-archive",
    format_version: archiveVersion,
    tunewise,
    created_at: createdAt,
    schema_version: schemaVersion,
    tables,
    files,
  };
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  await sink.add(names.manifest, text);
  const digest = createHash("sha256").update(text).digest("hex");
  await sink.add(names.digest, Buffer.from(`${digest}  ${names.manifest}\n`));
  return manifest;
}

async function packTable(
  snapshot: Snapshot,
  { name, columns, number }: SchemaTable,
  { sink, signal, onProgress }: BackUpRequest,
): Promise<Manifest["tables"][number]> {
  const writer = partWriter(sink, (at) => names.part(name, at));
  let rows = 0;
  // Ordered by number, because a row may refer to an earlier row of its own table.
  for await (const batch of snapshot.batches(name, selectList(columns), number)) {
    signal.throwIfAborted();
    for (const row of batch) await writer.add(lineOf(columns, row));
    rows += batch.length;
    onProgress?.({ doing: "rows", name, count: rows });
  }
  return { name, columns: Object.keys(columns), rows, parts: await writer.end() };
}

async function packFiles(
  artifacts: ArtifactStore,
  { sink, signal, onProgress }: BackUpRequest,
): Promise<NonNullable<Manifest["files"]>> {
  const lists: NonNullable<Manifest["files"]>["lists"][number][] = [];
  let [count, bytes, lines] = [0, 0, [] as string[]];
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    const writer = partWriter(sink, () => names.list(lists.length));
    for (const line of lines) await writer.add(line);
    lists.push(...(await writer.end()));
    lines = [];
  };
  for await (const key of keysBelow(artifacts, "")) {
    signal.throwIfAborted();
    const packed = await packFile(artifacts, key, sink);
    if (!packed) continue;
    lines.push(JSON.stringify([key, packed.bytes, packed.sha256]));
    count++;
    bytes += packed.bytes;
    if (lines.length >= filesOfList) await flush();
    onProgress?.({ doing: "files", name: "", count });
  }
  await flush();
  return { count, bytes, lists };
}

/** Attempts to read a file that changes during the read. */
const maxAttempts = 5;

/** Adds one file to the archive; `null` if it no longer exists. */
async function packFile(
  artifacts: ArtifactStore,
  key: string,
  sink: ArchiveSink,
): Promise<{ bytes: number; sha256: string } | null> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const file = await artifacts.open(key);
    if (!file) return null;
    try {
      const sha256 = await sink.addStream(names.files + storedKey(key), file.bytes, file.content);
      if (sha256 !== null) return { bytes: file.bytes, sha256 };
    } finally {
      file.content.destroy();
    }
  }
  const reason = `${key} changed each time it was read`;
  throw problem("ARTIFACT_STORE_FAILED", { place: artifacts.place, reason });
}

/** Keys of all files, folder by folder. Names that clients could not have created are skipped. */
async function* keysBelow(artifacts: ArtifactStore, folder: string): AsyncGenerator<string> {
  for (const { name, isFolder } of await artifacts.list(folder)) {
    const key = artifactKey(folder === "" ? name : `${folder}/${name}`);
    if (key === null) continue;
    if (isFolder) yield* keysBelow(artifacts, key);
    else yield key;
  }
}
