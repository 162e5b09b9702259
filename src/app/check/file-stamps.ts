/**
 * @file Whether files are still what they were when they were read.
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { DataSection } from "../../recipe/index.ts";

/** Size and time of each file, by its name in the recipe. */
export type FileStamps = ReadonlyMap<string, string>;

/** The stamps of the files that are there; a missing one is told by whoever reads it. */
export async function stampsOf(data: DataSection, folder: string): Promise<FileStamps> {
  const stamps = new Map<string, string>();
  for (const file of dataFiles(data)) {
    const found = await stat(resolve(folder, file)).catch(() => null);
    if (found !== null) stamps.set(file, `${found.size} ${found.mtimeMs}`);
  }
  return stamps;
}

/** Files that are not what they were. */
export function changedFiles(before: FileStamps, after: FileStamps): string[] {
  return [...before].filter(([file, stamp]) => after.get(file) !== stamp).map(([file]) => file);
}

/** The files of a data section as they are named there. */
export function dataFiles({ train, validation, test }: DataSection): string[] {
  return [train, validation, test].filter((file) => file !== null);
}
