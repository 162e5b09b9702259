/** @file Restores an archive into an empty store, completely or not at all. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { Database, Reader } from "../database/database.ts";
import { problem, TunewiseError } from "../problem/index.ts";
import { createSchema, readVersion, schemaVersion } from "../schema/schema.ts";
import {
  type ArchiveVersions,
  type ArchiveWatch,
  archiveVersion,
  type Manifest,
  maxPartBytes,
  names,
} from "./manifest.ts";
import { schemaTables } from "./schema-tables.ts";
import { NotAnArchive } from "./tar.ts";
import { unpackTables } from "./unpack-tables.ts";
import {
  type ArchiveFile,
  checkList,
  chunksIn,
  contentOf,
  entriesOf,
  keyIn,
  type ListedFile,
  type VerifiedArchive,
  verifyArchive,
} from "./verify-archive.ts";

/** What to restore, and where to. */
interface RestoreRequest extends ArchiveWatch {
  /** Path of the archive, for error messages. */
  readonly path: string;
  readonly archive: ArchiveFile;
  /** Opened with `openAsIs`, which creates no tables. */
  readonly database: Database;
  readonly artifacts: ArtifactStore;
}

/**
 * Verifies the archive, stores its files, and then inserts all rows in one transaction. If anything fails, the store is
 * unchanged and the files are removed again.
 *
 * @throws {TunewiseError} `ARCHIVE_DAMAGED`, `ARCHIVE_VERSION`, `STORE_NOT_EMPTY`, `STORE_VERSION`,
 *   `ARTIFACTS_NOT_EMPTY`, and the errors of the database and the artifact store
 * @throws the signal's reason
 */
export async function restore(request: RestoreRequest): Promise<Manifest> {
  const { path, archive, database, signal, onProgress } = request;
  try {
    await requireEmpty(database, database.path);
    const verified = await verifyArchive(archive, {
      judge: (versions) => judge(path, versions),
      onBytes: (count) => {
        signal.throwIfAborted();
        onProgress?.({ doing: "checking", name: "", count });
      },
    });
    await restoreVerified(request, verified);
    return verified.manifest;
  } catch (cause) {
    if (TunewiseError.is(cause) || !(cause instanceof NotAnArchive)) throw cause;
    throw problem("ARCHIVE_DAMAGED", { path, reason: cause.message }, { cause });
  }
}

function judge(path: string, versions: ArchiveVersions): void {
  const known = (what: string, found: number, ours: number): void => {
    if (found < 1) throw new NotAnArchive(`its ${what} is ${found}`);
    if (found !== ours) throw problem("ARCHIVE_VERSION", { path, what, found, known: ours });
  };
  known("format version", versions.format_version, archiveVersion);
  known("schema version", versions.schema_version, schemaVersion);
}

async function restoreVerified(request: RestoreRequest, verified: VerifiedArchive): Promise<void> {
  const { archive, database, artifacts, signal } = request;
  const { manifest } = verified;
  if (manifest.files && manifest.files.count > 0) await requireNoFiles(artifacts);
  const puts = manifest.files ? unpackFiles(archive, artifacts, request) : null;
  try {
    await puts?.work();
    await database.transaction(async (transaction) => {
      if ((await requireEmpty(transaction, database.path)) === 0) await createSchema(transaction);
      await unpackTables(transaction, archive, verified, request);
      signal.throwIfAborted();
    });
  } catch (error) {
    await puts?.undo();
    throw error;
  }
}

/**
 * @returns the version of the store's schema, 0 if it has no tables
 * @throws {TunewiseError} `STORE_NOT_EMPTY` if it has more rows than a new store, `STORE_VERSION`
 */
async function requireEmpty(reader: Reader, path: string): Promise<number> {
  const found = await readVersion(reader, path);
  if (found === 0) return found;
  for (const { name, rowsFirst } of await schemaTables()) {
    const [row] = await reader.all(`SELECT count(*) AS rows_found FROM ${name}`);
    const rows = Number(row?.["rows_found"]);
    if (rows > rowsFirst) throw problem("STORE_NOT_EMPTY", { path, rows: rows - rowsFirst, table: name });
  }
  return found;
}

async function requireNoFiles(artifacts: ArtifactStore): Promise<void> {
  const [first] = await artifacts.list("");
  if (first) throw problem("ARTIFACTS_NOT_EMPTY", { place: artifacts.place, name: first.name });
}

/** Copies the files of an archive into an artifact store. */
interface FilePuts {
  /** @throws {NotAnArchive} if a file differs from its list */
  work(): Promise<void>;
  /** Removes the files that were written; the artifact store was empty before. */
  undo(): Promise<void>;
}

/** Writes the files of a verified archive, comparing them with their lists once more. */
function unpackFiles(
  archive: ArchiveFile,
  artifacts: ArtifactStore,
  { signal, onProgress }: ArchiveWatch,
): FilePuts {
  const roots = new Set<string>();
  const work = async (): Promise<void> => {
    let [files, count] = [[] as ListedFile[], 0];
    for await (const entry of entriesOf(archive, 0)) {
      signal.throwIfAborted();
      const { name, bytes } = entry;
      if (name.startsWith(names.files)) {
        const key = keyIn(name);
        roots.add(key.split("/")[0] ?? "");
        const hash = createHash("sha256");
        const hashed = async function* (): AsyncGenerator<Buffer> {
          for await (const chunk of chunksIn(archive, entry)) {
            signal.throwIfAborted();
            hash.update(chunk);
            yield chunk;
          }
        };
        await artifacts.put(key, Readable.from(hashed(), { objectMode: false }));
        files.push({ key, bytes, sha256: hash.digest("hex") });
        onProgress?.({ doing: "files", name: "", count: ++count });
      } else if (files.length > 0) {
        await checkList(name, await contentOf(archive, entry, maxPartBytes), files);
        files = [];
      }
    }
  };
  return {
    work,
    undo: async () => {
      for (const root of roots) await artifacts.remove(root).catch(() => false);
    },
  };
}
