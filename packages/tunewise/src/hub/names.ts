/** @file Validates ids, revisions and file names of a hub. */
import { problem } from "../problem/index.ts";

const part = "[A-Za-z0-9][A-Za-z0-9._-]{0,95}";
const idPattern = new RegExp(`^${part}/${part}$`);
const revisionPattern = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,254}$/;
const filePattern = /^[A-Za-z0-9_][\w.+=@ -]{0,200}$/;

/** A full commit id. */
export const commitPattern: RegExp = /^[0-9a-f]{40}$/;

/**
 * Checks a hub id and a revision before they become part of a path or a URL.
 *
 * @throws {TunewiseError} `MODEL_ID_INVALID`
 * @source huggingface/huggingface_hub src/huggingface_hub/utils/_validators.py `validate_repo_id`
 */
export function checkHubId(id: string, revision: string): void {
  const bad = (detail: string): Error => problem("MODEL_ID_INVALID", { source: id, detail });
  if (!idPattern.test(id)) throw bad("an id has the form owner/name");
  if (id.includes("..") || id.includes("--")) throw bad("'..' and '--' do not occur in ids");
  if (!revisionPattern.test(revision) || revision.includes("..") || revision.includes("//")) {
    throw bad(`the revision ${JSON.stringify(revision)} is not a branch, tag or commit`);
  }
}

/** Whether a file name from a server stays inside its folder, on every operating system. */
export function isSafeFileName(name: string): boolean {
  if (name.length > 400) return false;
  // Windows drops a trailing dot or space, so two names would be one file.
  return name
    .split("/")
    .every((step) => filePattern.test(step) && !/[. ]$/.test(step) && !step.includes(".."));
}
