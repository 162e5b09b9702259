/**
 * @file Which checkpoints a run has, by their folder names alone.
 */
import { join } from "node:path";
import { disk, type FileOperations } from "../files/index.ts";

/** Mark of a folder that is no checkpoint yet. */
export const writingPrefix = ".writing-";
/** Mark of a folder that is no checkpoint any more. */
export const removingPrefix = ".removing-";
/** Moved aside for a new one of the same step; counts only while that one is missing. */
export const replacedPrefix = ".replaced-";

/** A checkpoint's step and folder; nothing is said about whether it is whole. */
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
