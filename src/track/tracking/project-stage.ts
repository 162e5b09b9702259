/**
 * @file Deleting a project and bringing it back, with the runs that went with it.
 */
import type { Transaction } from "../database/database.ts";
import type { Project } from "./nouns.ts";
import { changeProject } from "./projects.ts";

/** Deletes a project and its runs. All can come back. */
export async function deleteProject(
  transaction: Transaction,
  project: Project,
  nowMs: number,
): Promise<void> {
  await changeProject(transaction, project.number, { stage: "deleted" }, nowMs);
  await transaction.run(
    "UPDATE runs SET stage = 'deleted', deleted_ms = ? WHERE project = ? AND stage = 'active'",
    nowMs,
    project.number,
  );
}

/** Brings a deleted project back, with the runs that were deleted with it; those deleted before stay so. */
export async function restoreProject(
  transaction: Transaction,
  project: Project,
  nowMs: number,
): Promise<void> {
  await transaction.run(
    "UPDATE runs SET stage = 'active', deleted_ms = NULL WHERE project = ? AND stage = 'deleted' AND deleted_ms = ?",
    project.number,
    project.changedMs,
  );
  await changeProject(transaction, project.number, { stage: "active" }, nowMs);
}
