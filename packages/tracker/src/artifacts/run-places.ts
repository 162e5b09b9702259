/** @file Keys of clients' files in the artifact store: files of a run, and contents of W&B artifacts. */
import type { TrackedRun } from "../tracking/types.ts";

/** The folder of the files that a run's client logged. */
export function runFilesKey({
  client,
  number,
  project,
  id,
}: Pick<TrackedRun, "client" | "number" | "id"> & { readonly project: number | string }): string {
  return client === "wandb" ? `runs/${number}` : `${project}/${id}/artifacts`;
}

/** The content of a file in a project's W&B artifacts. */
export function wandbContentKey(project: number, md5: string): string {
  return `wandb/content/${project}/${md5}`;
}
