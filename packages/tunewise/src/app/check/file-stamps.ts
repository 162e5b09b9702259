/** @file Detects data files that changed after they were read. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type SourceFile, sourceFiles } from "@tunewise/datacheck/dataset";
import { type DataSection, dataSources } from "../../recipe/index.ts";

/** Size and modification time of each file, by the name of the file in the recipe. */
export type FileStamps = ReadonlyMap<string, string>;

/** Returns the stamps of all existing files. Readers report missing files. */
export async function stampsOf(data: DataSection, folder: string): Promise<FileStamps> {
  const stamps = new Map<string, string>();
  for (const { path, shown } of await filesOf(data, folder)) {
    const found = await stat(path).catch(() => null);
    if (found !== null) stamps.set(shown, `${found.size} ${found.mtimeMs}`);
  }
  return stamps;
}

/** Names of the files that changed. */
export function changedFiles(before: FileStamps, after: FileStamps): string[] {
  return [...before].filter(([file, stamp]) => after.get(file) !== stamp).map(([file]) => file);
}

/** Files of all sources. Sources without files are left out. */
export async function filesOf(data: DataSection, folder: string): Promise<readonly SourceFile[]> {
  const files = dataSources(data).map(({ source }) =>
    sourceFiles(resolve(folder, source), source).catch(() => []),
  );
  return (await Promise.all(files)).flat();
}
