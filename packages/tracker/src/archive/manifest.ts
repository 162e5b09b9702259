/** @file What an archive says of itself, in its last file but one. */

import { parseJson } from "@tunewise/core/untrusted";
import { z } from "zod";
import { NotAnArchive } from "./tar.ts";

/** Grows when a reader of today could not read what is written. */
export const archiveVersion = 1;

/** Names in an archive. */
export const names = {
  manifest: "manifest.json",
  /** The manifest's own digest, as `sha256sum` writes it. */
  digest: "manifest.json.sha256",
  part: (table: string, at: number): string => `tables/${table}/${String(at + 1).padStart(6, "0")}.jsonl.gz`,
  files: "files/",
  list: (at: number): string => `file-lists/${String(at + 1).padStart(6, "0")}.jsonl.gz`,
} as const;

/** Largest part, packed or not. Parts are a hundredth of that, unless a single row is larger. */
export const partBytesMost: number = 256 * 1024 ** 2;
/** Files of a list: as many digests are held while an archive is read. */
export const filesOfList = 1_000;
/** Largest manifest. */
export const manifestBytesMost: number = 64 * 1024 ** 2;

/** A piece of a table, or of the list of files: lines of JSON, packed. */
export interface ArchivePart {
  readonly rows: number;
  /** Bytes once unpacked. */
  readonly bytes: number;
  /** Bytes in the archive, and their SHA-256 as hex. */
  readonly packed_bytes: number;
  readonly sha256: string;
}

/** An archive in numbers. */
export interface Manifest {
  readonly format: "tunewise-archive";
  readonly format_version: number;
  readonly tunewise: string;
  readonly created_at: string;
  readonly schema_version: number;
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly rows: number;
    readonly parts: readonly ArchivePart[];
  }[];
  /** `null` where the archive was made without files. */
  readonly files: {
    readonly count: number;
    readonly bytes: number;
    readonly lists: readonly ArchivePart[];
  } | null;
}

const whole = z.int().min(0);
const part = z.strictObject({
  rows: whole,
  bytes: whole.max(partBytesMost),
  packed_bytes: whole.max(partBytesMost),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const head = z.looseObject({
  format: z.literal("tunewise-archive"),
  format_version: whole,
  schema_version: whole,
});
const schema: z.ZodType<Manifest> = z.strictObject({
  ...head.shape,
  tunewise: z.string(),
  created_at: z.string(),
  tables: z.array(
    z.strictObject({
      name: z.string(),
      columns: z.array(z.string()),
      rows: whole,
      parts: z.array(part),
    }),
  ),
  files: z.strictObject({ count: whole, bytes: whole, lists: z.array(part) }).nullable(),
});

/** The versions of an archive, which are read before the rest is understood. */
export type ArchiveVersions = Pick<Manifest, "format_version" | "schema_version">;

/**
 * Reads a manifest.
 *
 * @param judge may refuse its versions
 * @throws {NotAnArchive} if it is none
 */
export function readManifest(text: string, judge: (versions: ArchiveVersions) => void): Manifest {
  let read: unknown;
  try {
    read = parseJson(text);
  } catch {
    throw new NotAnArchive("its manifest is no JSON");
  }
  const versions = head.safeParse(read);
  if (!versions.success) throw new NotAnArchive("its manifest is not one of tunewise");
  judge(versions.data);
  const manifest = schema.safeParse(read);
  if (!manifest.success) {
    const [issue] = manifest.error.issues;
    throw new NotAnArchive(`its manifest has no ${issue?.path.map(String).join(".") || "valid form"}`);
  }
  return manifest.data;
}

/** How far it is. */
export interface ArchiveProgress {
  readonly doing: "checking" | "rows" | "files";
  /** A table, or nothing. */
  readonly name: string;
  /** Rows of the table, files, or bytes that were checked. */
  readonly count: number;
}

/** Looks on; an aborted signal stops the work at its next step, by a throw of its reason. */
export interface ArchiveWatch {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: ArchiveProgress) => void) | undefined;
}
