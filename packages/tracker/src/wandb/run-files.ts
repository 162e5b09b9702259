/** @file Files of W&B runs, stored in the artifact store in a folder per run. */
import type { ArtifactStore } from "../artifacts/artifact-store.ts";

/** A file of a run. */
export interface WandbFile {
  /** The file name given by the client, such as `media/table/answers.table.json`. */
  readonly path: string;
  readonly bytes: number;
}

/** The key of the folder with a run's files. */
export function wandbFileRoot(run: number): string {
  return `runs/${run}`;
}

/** Maximum folder depth. */
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
