/** @file Where clients' files lie in the store of artifacts: those of a run, and contents of W&B's artifacts. */
import type { TrackedRun } from "../tracking/nouns.ts";

/** The folder of what a run's client logged. */
export function runFilesKey({
  client,
  number,
  project,
  id,
}: Pick<TrackedRun, "client" | "number" | "id"> & { readonly project: number | string }): string {
  return client === "wandb" ? `runs/${number}` : `${project}/${id}/artifacts`;
}

/** A content of a project's W&B artifacts. */
export function wandbContentKey(project: number, md5: string): string {
  return `wandb/content/${project}/${md5}`;
}
