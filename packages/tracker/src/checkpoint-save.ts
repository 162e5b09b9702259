/** @file Saving a checkpoint so that a kill or a full disk at any moment leaves the earlier ones whole. */
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

/** What to save and what to keep. */
export interface CheckpointRequest {
  /** Steps done; 0 is the start. */
  readonly step: number;
  /** Writes the checkpoint's files, plain names only, into the folder it is given. */
  readonly write: (folder: string) => Promise<void>;
  /** Whose state it is. */
  readonly owner: CheckpointOwner;
  /** JSON to find again on loading, of bounded size: what grows with the steps is a file. */
  readonly info: unknown;
  /** So many of the last ones stay, at least 1. */
  readonly keepLast: number;
  /** The step that stays besides, such as the one with the lowest validation loss. */
  readonly keepStep: number | null;
}

/** A saved checkpoint. */
export interface SavedCheckpoint {
  readonly step: number;
  readonly path: string;
  readonly bytes: number;
  /** Steps whose checkpoints were dropped. */
  readonly dropped: readonly number[];
}

/**
 * Saves a checkpoint as `checkpoints/step-000050/` and drops the ones not to be kept.
 *
 * Files go into a hidden folder, are read back for their hashes and synced; the manifest is written last;
 * one rename brings the folder to its place. A checkpoint of the same step is moved aside first and still
 * found if the process ends between the two renames. Old ones are dropped only afterwards.
 *
 * @param folder the `checkpoints` folder; created if missing
 * @throws {TunewiseError} `CHECKPOINT_WRITE_FAILED`; the earlier checkpoints are whole
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
 * Drops all checkpoints after a step, the newest first, so that a run that goes on from the newest one never meets a
 * step that was given up while an older one of those is gone.
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
      // one moved aside for this one would get its name back
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

/** Hashes and syncs every file, then writes the manifest. Returns the bytes of the files. */
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

/** Drops what need not be kept. A failure here loses nothing: the next save tries again. */
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
 * Removes what earlier saves left behind: drafts, dropped ones, and those replaced by one of the same step.
 * One moved aside for a replacement that never came gets its name back.
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

/** The run's id is the name of the folder above `checkpoints`. */
function runOf(folder: string): string {
  return folder.split(/[\\/]/).at(-2) ?? "RUN";
}
