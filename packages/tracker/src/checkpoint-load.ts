/** @file Finds a run's checkpoints by their folder names, and the newest intact one. */
import { basename, join } from "node:path";
import { disk, type FileOperations } from "@tunewise/core/files";
import { type CheckpointOwner, ownerDifference, verifyCheckpoint } from "./checkpoint-manifest.ts";
import { type Finding, problem } from "./problem/index.ts";

/** A checkpoint with every file intact. */
export interface WholeCheckpoint {
  readonly step: number;
  /** Folder with the files of the checkpoint. */
  readonly path: string;
  /** JSON passed in when saving; not validated here. */
  readonly info: unknown;
  /** One `CHECKPOINT_PASSED_OVER` per newer checkpoint that was skipped. */
  readonly findings: readonly Finding[];
}

/** Which checkpoint to load. */
export interface CheckpointChoice {
  /** Required owner; by default any run's checkpoint is accepted. */
  readonly owner?: CheckpointOwner;
  /** Take the one of this step or, if it is broken, the next older one. */
  readonly step?: number;
  /** Final check of an intact checkpoint: the reason why it cannot be used, or `null`. */
  readonly refuse?: (checkpoint: Omit<WholeCheckpoint, "findings">) => Promise<string | null>;
}

/**
 * Finds the newest intact checkpoint, at or before a step if one is given.
 *
 * Broken checkpoints and those of another run are skipped, with a finding for each.
 *
 * @returns `null` if there is no checkpoint (up to that step)
 * @throws {TunewiseError} `CHECKPOINT_BROKEN` if there are checkpoints but none is usable, `RUN_FILE_UNREADABLE`
 */
export async function findCheckpoint(
  folder: string,
  { owner, step = Number.POSITIVE_INFINITY, refuse }: CheckpointChoice = {},
): Promise<WholeCheckpoint | null> {
  const entries = (await listCheckpoints(folder)).filter((entry) => entry.step <= step);
  const findings: Finding[] = [];
  let newestReason = "";
  for (const entry of entries) {
    const { path } = entry;
    const found = await inspect(path, entry.step, owner);
    const reason = "reason" in found ? found.reason : ((await refuse?.(found)) ?? null);
    if (!("reason" in found) && reason === null) return { ...found, findings };
    newestReason ||= reason ?? "";
    findings.push(passedOver(path, reason ?? ""));
  }
  if (entries.length === 0) return null;
  throw problem("CHECKPOINT_BROKEN", { count: entries.length, path: folder, reason: newestReason });
}

async function inspect(
  path: string,
  step: number,
  owner: CheckpointOwner | undefined,
): Promise<Omit<WholeCheckpoint, "findings"> | { readonly reason: string }> {
  const manifest = await verifyCheckpoint(path);
  if ("reason" in manifest) return manifest;
  if (manifest.step !== step) return { reason: `its manifest says step ${manifest.step}` };
  const difference = owner === undefined ? null : ownerDifference(manifest, owner);
  return difference === null ? { step, path, info: manifest.info } : { reason: difference };
}

function passedOver(path: string, reason: string): Finding {
  return {
    code: "CHECKPOINT_PASSED_OVER",
    severity: "warning",
    title: "A checkpoint was skipped",
    detail: `Checkpoint ${basename(path)} cannot be used (${reason}); the one before it is used.`,
    where: [{ file: path }],
    count: 1,
    fix: "nothing to do: the steps in between are trained again",
  };
}

/** Prefix of a folder that is not a complete checkpoint yet. */
export const writingPrefix = ".writing-";
/** Prefix of a checkpoint that is being deleted. */
export const removingPrefix = ".removing-";
/**
 * Prefix of a checkpoint that was moved aside for a new one of the same step; it counts only while the new one is
 * missing.
 */
export const replacedPrefix = ".replaced-";

/** A checkpoint's step and folder; it may be damaged. */
export interface CheckpointEntry {
  readonly step: number;
  readonly path: string;
}

/** `step-000050` */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

/** All checkpoints, newest first; empty when the folder does not exist. */
export async function listCheckpoints(
  folder: string,
  files: Pick<FileOperations, "list"> = disk,
): Promise<CheckpointEntry[]> {
  const names = await files.list(folder);
  const entries = names.flatMap((name) => {
    const step = stepOf(name);
    return step === null ? [] : [{ step, path: join(folder, name) }];
  });
  const present = new Set(entries.map((entry) => entry.step));
  for (const name of names) {
    const step = name.startsWith(replacedPrefix) ? stepOf(name.slice(replacedPrefix.length)) : null;
    if (step !== null && !present.has(step)) entries.push({ step, path: join(folder, name) });
  }
  return entries.sort((a, b) => b.step - a.step);
}

function stepOf(name: string): number | null {
  const digits = /^step-(\d{6,15})$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}
