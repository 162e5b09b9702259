/** @file The manifest of an archive, which is its second-to-last file. */

import { parseJson } from "@tunewise/core/untrusted";
import { z } from "zod";
import { NotAnArchive } from "./tar.ts";

/** Incremented when readers of the current version could not read the new format. */
export const archiveVersion = 1;

/** File names in an archive. */
export const names = {
  manifest: "manifest.json",
  /** The manifest's digest, in the format of `sha256sum`. */
  digest: "manifest.json.sha256",
  part: (table: string, at: number): string => `tables/${table}/${String(at + 1).padStart(6, "0")}.jsonl.gz`,
  files: "files/",
  list: (at: number): string => `file-lists/${String(at + 1).padStart(6, "0")}.jsonl.gz`,
} as const;

/**
 * Maximum size of a part, packed or unpacked. Normal parts are a hundredth of it; only a single large row exceeds that.
 */
export const maxPartBytes: number = 256 * 1024 ** 2;
/** Maximum number of files per list. A reader holds that many digests in memory. */
export const filesOfList = 1_000;
/** Maximum size of the manifest. */
export const maxManifestBytes: number = 64 * 1024 ** 2;

/** A part of a table or of the file list: gzipped lines of JSON. */
export interface ArchivePart {
  readonly rows: number;
  /** Size when unpacked. */
  readonly bytes: number;
  /** Size in the archive, and the SHA-256 of those bytes in hex. */
  readonly packed_bytes: number;
  readonly sha256: string;
}

/** Contents of the manifest. */
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
  /** `null` if the archive was made without files. */
  readonly files: {
    readonly count: number;
    readonly bytes: number;
    readonly lists: readonly ArchivePart[];
  } | null;
}

const whole = z.int().min(0);
const part = z.strictObject({
  rows: whole,
  bytes: whole.max(maxPartBytes),
  packed_bytes: whole.max(maxPartBytes),
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

/** The version fields, which are validated before the rest of the manifest. */
export type ArchiveVersions = Pick<Manifest, "format_version" | "schema_version">;

/**
 * Parses a manifest.
 *
 * @param judge may throw to refuse its versions
 * @throws {NotAnArchive} if the text is not a valid manifest
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

/** Progress of a backup or restore. */
export interface ArchiveProgress {
  readonly doing: "checking" | "rows" | "files";
  /** Name of the table; may be empty. */
  readonly name: string;
  /** Count of rows of the table, of files, or of bytes checked. */
  readonly count: number;
}

/** Progress callback and cancellation. An aborted signal stops the work at its next step by throwing its reason. */
export interface ArchiveWatch {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: ArchiveProgress) => void) | undefined;
}
