/**
 * @file The manifest of a checkpoint: which files belong to it, with size and hash.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorReason } from "../files/index.ts";

/** One file of a checkpoint. */
export interface ManifestFile {
  /** A plain name in the checkpoint's own folder. */
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What `manifest.json` says. */
export interface Manifest {
  readonly format_version: 1;
  readonly step: number;
  /** What the writer wants to find again, as JSON: losses, spending, seeds. */
  readonly info: unknown;
  readonly files: readonly ManifestFile[];
}

/** The manifest's file name. It is written last. */
export const manifestName = "manifest.json";

/** A checkpoint has a handful of files; more are refused before anything is read. */
const filesMax = 1000;
const manifestBytesMax = 4_000_000;
const plainName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;

/** Whether a name may stand in a manifest: no path, no hidden file. */
export function isPlainName(name: string): boolean {
  return plainName.test(name) && name !== manifestName;
}

/** Size and hash of a file, read as a stream. */
export async function describeFile(folder: string, name: string): Promise<ManifestFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(join(folder, name), { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { name, bytes, sha256: hash.digest("hex") };
}

/** The manifest of a checkpoint folder once every file was found whole, or why it is not. */
export async function verifyCheckpoint(folder: string): Promise<Manifest | { readonly reason: string }> {
  try {
    const path = join(folder, manifestName);
    if ((await stat(path)).size > manifestBytesMax) return { reason: "its manifest is too large" };
    const manifest = manifestFrom(JSON.parse(await readFile(path, "utf8")));
    if (!manifest) return { reason: "its manifest is not one of format 1" };
    for (const file of manifest.files) {
      // Sizes first: a cut file is found without hashing the rest.
      const { size } = await stat(join(folder, file.name));
      if (size !== file.bytes) return { reason: `${file.name} has ${size} bytes instead of ${file.bytes}` };
    }
    for (const file of manifest.files) {
      const found = await describeFile(folder, file.name);
      if (found.sha256 !== file.sha256) return { reason: `the content of ${file.name} has changed` };
    }
    return manifest;
  } catch (error) {
    return { reason: error instanceof SyntaxError ? "its manifest is not JSON" : errorReason(error) };
  }
}

function manifestFrom(value: unknown): Manifest | null {
  if (typeof value !== "object" || value === null) return null;
  const { format_version, step, info, files } = value as Record<string, unknown>;
  if (format_version !== 1 || !Number.isSafeInteger(step) || !Array.isArray(files)) return null;
  if (files.length > filesMax || !files.every(isManifestFile)) return null;
  return { format_version, step: step as number, info, files };
}

function isManifestFile(value: unknown): value is ManifestFile {
  if (typeof value !== "object" || value === null) return false;
  const { name, bytes, sha256 } = value as Record<string, unknown>;
  return (
    typeof name === "string" &&
    isPlainName(name) &&
    Number.isSafeInteger(bytes) &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}
