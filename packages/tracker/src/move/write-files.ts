/** @file Copies files of a run from the artifact store to a folder. */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type ArtifactStore, artifactKey } from "../artifacts/artifact-store.ts";
import { filesInFolder } from "../wandb/run-files.ts";

/** Writes all files below a key into a folder, skipping names that lead out of it. Returns their names. */
export async function writeFilesBelow(
  folder: string,
  artifacts: ArtifactStore,
  root: string,
): Promise<string[]> {
  const names: string[] = [];
  for await (const { path } of filesInFolder(artifacts, root)) {
    const opened = artifactKey(path) === null ? null : await artifacts.open(`${root}/${path}`);
    if (!opened) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await pipeline(opened.content, createWriteStream(join(folder, path), { flags: "wx" }));
    names.push(path);
  }
  return names;
}
