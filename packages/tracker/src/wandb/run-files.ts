/** @file Files of runs of W&B's clients, as they lie in the store of artifacts: below a folder of the run's own. */
import type { ArtifactStore } from "../artifacts/artifact-store.ts";

/** A file of a run. */
export interface WandbFile {
  /** The client's name for it, such as `media/table/answers.table.json`. */
  readonly path: string;
  readonly bytes: number;
}

/** The key of the folder with a run's files. */
export function wandbFileRoot(run: number): string {
  return `runs/${run}`;
}

/** Folders inside of folders. */
const maxDepth = 64;

/** All files of a run, folder by folder. */
export function listWandbFiles(
  artifacts: Pick<ArtifactStore, "list">,
  run: number,
): AsyncGenerator<WandbFile> {
  return filesInFolder(artifacts, wandbFileRoot(run));
}

/** All files below a key, folder by folder. */
export async function* filesInFolder(
  artifacts: Pick<ArtifactStore, "list">,
  root: string,
  folder = "",
  depth = 0,
): AsyncGenerator<WandbFile> {
  for (const { name, isFolder, bytes } of await artifacts.list(root + folder)) {
    const path = `${folder}/${name}`;
    if (!isFolder) yield { path: path.slice(1), bytes };
    else if (depth < maxDepth) yield* filesInFolder(artifacts, root, path, depth + 1);
  }
}
