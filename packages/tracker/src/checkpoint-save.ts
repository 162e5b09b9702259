/** @file Saves checkpoints so that a kill or a full disk at any moment leaves the earlier ones intact. */
import { join } from "node:path";
import { disk, errorReason, type FileOperations } from "@tunewise/core/files";
import {
  checkpointName,
  listCheckpoints,
  removingPrefix,
  replacedPrefix,
  writingPrefix,
} from "./checkpoint-load.ts";
import {
  type CheckpointOwner,
  describeFile,
  isPlainName,
  manifestName,
  writeManifest,
} from "./checkpoint-manifest.ts";
import { problem } from "./problem/index.ts";

/** What to save, and which checkpoints to keep. */
export interface CheckpointRequest {
  /** Completed steps; 0 is the start. */
  readonly step: number;
  /** Writes the checkpoint's files, with plain names only, into the given folder. */
  readonly write: (folder: string) => Promise<void>;
  /** Owner of the state. */
  readonly owner: CheckpointOwner;
  /** JSON to return on loading, of bounded size. State that grows with the steps belongs in a file. */
  readonly info: unknown;
  /** Number of latest checkpoints to keep, at least 1. */
  readonly keepLast: number;
  /** A further step to keep, such as the one with the lowest validation loss. */
  readonly keepStep: number | null;
}

/** A saved checkpoint. */
export interface SavedCheckpoint {
  readonly step: number;
  readonly path: string;
  readonly bytes: number;
  /** Steps whose checkpoints were deleted. */
  readonly dropped: readonly number[];
}

/**
 * Saves a checkpoint as `checkpoints/step-000050/` and deletes those that need not be kept.
 *
 * Files are written into a hidden folder, read back for hashing, and synced. The manifest is written last, and a rename
 * publishes the folder. An existing checkpoint of the same step is moved aside first, and is still found if the process
 * ends between the two renames. Old checkpoints are deleted only after that.
 *
 * @param folder the `checkpoints` folder; created if missing
 * @throws {TunewiseError} `CHECKPOINT_WRITE_FAILED`; the earlier checkpoints are intact
 */
export async function saveCheckpoint(
  folder: string,
  request: CheckpointRequest,
  files: FileOperations = disk,
): Promise<SavedCheckpoint> {
  const name = checkpointName(request.step);
  const draft = join(folder, writingPrefix + name);
  const path = join(folder, name);
  let bytes: number;
  try {
    await files.remove(draft);
    await files.makeFolder(draft);
    await request.write(draft);
    bytes = await seal(draft, request, files);
    await putInPlace(draft, path, join(folder, replacedPrefix + name), files);
    await files.syncFolder(folder);
  } catch (cause) {
    await files.remove(draft).catch(() => undefined);
    const about = { step: request.step, path: folder, run: runOf(folder), reason: errorReason(cause) };
    throw problem("CHECKPOINT_WRITE_FAILED", about, { cause });
  }
  return { step: request.step, path, bytes, dropped: await dropOthers(folder, request, files) };
}

/**
 * Deletes all checkpoints after a step, newest first. If it is interrupted, the remaining abandoned checkpoints have no
 * gap between them.
 *
 * @throws {TunewiseError} `CHECKPOINT_WRITE_FAILED`
 */
export async function dropCheckpointsAfter(
  folder: string,
  step: number,
  files: FileOperations = disk,
): Promise<void> {
  try {
    for (const entry of await listCheckpoints(folder, files)) {
      if (entry.step <= step) continue;
      const name = checkpointName(entry.step);
      const removing = join(folder, removingPrefix + name);
      await files.remove(removing);
      // Otherwise the cleanup would restore the checkpoint that was moved aside for this one.
      if (entry.path === join(folder, name)) await files.remove(join(folder, replacedPrefix + name));
      await files.rename(entry.path, removing);
    }
    await files.syncFolder(folder);
    await sweep(folder, files);
  } catch (cause) {
    const about = { step, path: folder, run: runOf(folder), reason: errorReason(cause) };
    throw problem("CHECKPOINT_WRITE_FAILED", about, { cause });
  }
}

/** Hashes and syncs every file, then writes the manifest. Returns the total size of the files in bytes. */
async function seal(draft: string, request: CheckpointRequest, files: FileOperations): Promise<number> {
  const names = await files.list(draft);
  const odd = names.find((name) => !isPlainName(name));
  if (odd !== undefined) throw new Error(`Internal: a checkpoint may not hold a file named ${odd}`);
  const described = [];
  for (const name of names) {
    await files.syncFile(join(draft, name));
    described.push(await describeFile(draft, name));
  }
  const { step, owner, info } = request;
  await files.writeSynced(join(draft, manifestName), writeManifest(step, owner, info, described));
  await files.syncFolder(draft);
  return described.reduce((sum, file) => sum + file.bytes, 0);
}

async function putInPlace(draft: string, path: string, aside: string, files: FileOperations): Promise<void> {
  const exists = (await files.list(path)).length > 0;
  if (!exists) return files.rename(draft, path);
  await files.remove(aside);
  await files.rename(path, aside);
  try {
    await files.rename(draft, path);
  } catch (error) {
    await files.rename(aside, path).catch(() => undefined);
    throw error;
  }
}

/** Deletes checkpoints that need not be kept. If this fails, the next save tries again. */
async function dropOthers(
  folder: string,
  request: CheckpointRequest,
  files: FileOperations,
): Promise<number[]> {
  const dropped: number[] = [];
  try {
    const all = await listCheckpoints(folder, files);
    const keep = new Set(all.slice(0, Math.max(1, request.keepLast)).map((entry) => entry.step));
    keep.add(request.step);
    if (request.keepStep !== null) keep.add(request.keepStep);
    for (const entry of all.filter((entry) => !keep.has(entry.step))) {
      const removing = join(folder, removingPrefix + checkpointName(entry.step));
      await files.remove(removing);
      await files.rename(entry.path, removing);
      dropped.push(entry.step);
    }
    await sweep(folder, files);
  } catch {
    return dropped;
  }
  return dropped;
}

/**
 * Cleans up after earlier saves: drafts, deleted checkpoints and replaced ones. A checkpoint that was moved aside gets
 * its name back if its replacement is missing.
 */
async function sweep(folder: string, files: FileOperations): Promise<void> {
  const names = await files.list(folder);
  for (const name of names) {
    const path = join(folder, name);
    const ownName = name.startsWith(replacedPrefix) ? name.slice(replacedPrefix.length) : null;
    if (ownName !== null && !names.includes(ownName)) await files.rename(path, join(folder, ownName));
    else if (ownName !== null || name.startsWith(writingPrefix) || name.startsWith(removingPrefix)) {
      await files.remove(path);
    }
  }
}

/** The run's id is the name of the folder that contains `checkpoints`. */
function runOf(folder: string): string {
  return folder.split(/[\\/]/).at(-2) ?? "RUN";
}
