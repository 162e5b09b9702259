/** @file The manifest of a checkpoint: its files, with size and hash. */

import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { errorReason } from "@tunewise/core/files";
import { countOf } from "@tunewise/core/quantity";
import { openRegularFile, readTextFile } from "@tunewise/core/untrusted";

/** One file of a checkpoint. */
export interface ManifestFile {
  /** A plain file name in the checkpoint's folder. */
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Owner of a checkpoint's state: the run, and the model, rows and recipe that the state depends on. */
export interface CheckpointOwner {
  /** Id of the run. */
  readonly run: string;
  /** Revision of the model. */
  readonly model: string;
  /** Fingerprint of the rows. */
  readonly data: string;
  /** SHA-256 of the run's effective configuration. */
  readonly recipe: string;
}

/** Content of `manifest.json`. */
export interface Manifest {
  /** Format 1 has no owner. */
  readonly format_version: 1 | 2;
  readonly step: number;
  /** `null` in format 1. */
  readonly owner: CheckpointOwner | null;
  /** The writer's own state, as JSON of bounded size. State that grows with the steps belongs in a file. */
  readonly info: unknown;
  readonly files: readonly ManifestFile[];
}

/** The manifest's file name. It is written last. */
export const manifestName = "manifest.json";

/** Limits of the format. `bytesWritten` is at most `bytesRead`, so that a writer never exceeds what readers accept. */
export const manifestLimits: {
  readonly files: number;
  readonly bytesWritten: number;
  readonly bytesRead: number;
} = {
  /** A checkpoint has only a few files. */
  files: 1000,
  bytesWritten: 4_000_000,
  /** Format 1 contained the curves: 66 bytes per step. */
  bytesRead: 256_000_000,
};

const plainName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;

/** Whether a file name is valid in a manifest: not a path, not a hidden file. */
export function isPlainName(name: string): boolean {
  return plainName.test(name) && name !== manifestName;
}

/** Size and hash of a file, which is read as a stream. */
export async function describeFile(folder: string, name: string): Promise<ManifestFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  const file = await openRegularFile(join(folder, name));
  for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { name, bytes, sha256: hash.digest("hex") };
}

/**
 * The text of a manifest.
 *
 * @throws {RangeError} if the manifest exceeds the limits, since readers would refuse it
 */
export function writeManifest(
  step: number,
  owner: CheckpointOwner,
  info: unknown,
  files: readonly ManifestFile[],
): string {
  const manifest = { format_version: 2, step, owner, info_sha256: digestOf(info), info, files };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const { files: filesMax, bytesWritten } = manifestLimits;
  if (files.length > filesMax) throw new RangeError(`${countOf(files.length, "file")}, and ${filesMax} fit`);
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesWritten)
    throw new RangeError(`a manifest of ${bytes} bytes, and ${bytesWritten} are allowed`);
  return text;
}

/** The manifest of a checkpoint folder if every file is intact; otherwise the reason why it is not. */
export async function verifyCheckpoint(folder: string): Promise<Manifest | { readonly reason: string }> {
  try {
    const path = join(folder, manifestName);
    if ((await stat(path)).size > manifestLimits.bytesRead) return { reason: "its manifest is too large" };
    const manifest = manifestFrom(JSON.parse(await readTextFile(path, manifestLimits.bytesRead)));
    if ("reason" in manifest) return manifest;
    for (const file of manifest.files) {
      // Sizes first: this finds a truncated file without hashing the others.
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

/** Describes how a checkpoint's owner differs from the expected one; `null`: it does not. Format 1 records no owner. */
export function ownerDifference({ owner }: Manifest, expected: CheckpointOwner): string | null {
  if (owner === null) return null;
  if (owner.run !== expected.run) return `it belongs to run ${owner.run}`;
  const words = { model: "model", data: "training data", recipe: "recipe" } as const;
  const other = (["model", "data", "recipe"] as const).find((key) => owner[key] !== expected[key]);
  return other === undefined ? null : `its ${words[other]} is another one`;
}

function digestOf(info: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(info) ?? "")
    .digest("hex");
}

function manifestFrom(value: unknown): Manifest | { readonly reason: string } {
  const none = { reason: "its manifest is not one of format 1 or 2" };
  if (typeof value !== "object" || value === null) return none;
  const { format_version, step, owner, info, info_sha256, files } = value as Record<string, unknown>;
  if ((format_version !== 1 && format_version !== 2) || !Number.isSafeInteger(step)) return none;
  if (!Array.isArray(files) || files.length > manifestLimits.files || !files.every(isManifestFile))
    return none;
  const read = { format_version, step: step as number, info, files } as const;
  if (format_version === 1) return { ...read, owner: null };
  if (!isOwner(owner)) return none;
  // Node preserves the order of keys, so that parsing and serializing again gives the same text.
  return digestOf(info) === info_sha256 ? { ...read, owner } : { reason: "its info has changed" };
}

function isOwner(value: unknown): value is CheckpointOwner {
  const { run, model, data, recipe } = (value ?? {}) as Record<string, unknown>;
  return [run, model, data, recipe].every((one) => typeof one === "string");
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
