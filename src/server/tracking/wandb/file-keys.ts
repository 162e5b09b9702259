/**
 * @file Where files of these clients lie in the store of artifacts.
 */
import { artifactKey } from "../../../track/index.ts";

/** The key of a run's file, or `null` where its name may not be one. */
export function runFileKey(run: number, name: string): string | null {
  return artifactKey(`runs/${run}/${name}`);
}

/** The key of a content of a project's artifacts: versions share what did not change. */
export function contentKey(project: number, md5: string): string {
  return `wandb/content/${project}/${md5}`;
}

/** The MD5 that a key demands of what is put there, or `null`. */
export function demandedMd5(key: string): string | null {
  return /^wandb\/content\/\d+\/([0-9a-f]{32})$/.exec(key)?.[1] ?? null;
}

/** The key of an artifact's manifest, or `null` where its name may not be one. */
export function manifestKey(artifact: number, name: string): string | null {
  return artifactKey(`wandb/manifests/${artifact}/${name}`);
}
