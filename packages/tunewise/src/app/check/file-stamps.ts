/** @file Detects data files that changed after they were read. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { sourceFiles } from "@tunewise/datacheck/dataset";
import type { DataSection } from "../../recipe/index.ts";

/** Size and modification time of each file, by the name of the file in the recipe. */
export type FileStamps = ReadonlyMap<string, string>;

/** Returns the stamps of all existing files. Readers report missing files. */
export async function stampsOf(data: DataSection, folder: string): Promise<FileStamps> {
  const stamps = new Map<string, string>();
  for (const source of dataFiles(data)) {
    for (const { path, shown } of await sourceFiles(resolve(folder, source), source).catch(() => [])) {
      const found = await stat(path).catch(() => null);
      if (found !== null) stamps.set(shown, `${found.size} ${found.mtimeMs}`);
    }
  }
  return stamps;
}

/** Names of the files that changed. */
export function changedFiles(before: FileStamps, after: FileStamps): string[] {
  return [...before].filter(([file, stamp]) => after.get(file) !== stamp).map(([file]) => file);
}

/** File names of a data section. */
export function dataFiles({ train, validation, test }: DataSection): string[] {
  return [train, validation, test].filter((file) => file !== null);
}
