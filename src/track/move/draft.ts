/**
 * @file A place that is written beside where it belongs and gets its name when it is whole: what breaks off leaves
 * nothing that looks whole.
 */
import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { problem, TunewiseError } from "../../problem/index.ts";
import { disk, errorReason } from "../file-operations.ts";

/**
 * Makes a folder whose content `write` writes.
 *
 * @param isForced whether what is there may be replaced
 * @param mark names the draft: no two alike
 * @throws {TunewiseError} `MOVE_TARGET_THERE`, `MOVE_WRITE_FAILED`
 */
export async function writeWholeFolder<Result>(
  path: string,
  { isForced, mark }: { readonly isForced: boolean; readonly mark: string },
  write: (draft: string) => Promise<Result>,
): Promise<Result> {
  const isThere = await isTaken(path);
  if (isThere && !isForced) throw problem("MOVE_TARGET_THERE", { path });
  const draft = join(dirname(path), `.writing-${basename(path)}-${mark}`);
  const old = `${draft}-old`;
  try {
    await mkdir(draft, { recursive: true });
    const result = await write(draft);
    if (isThere) await rename(path, old);
    await rename(draft, path);
    await disk.syncFolder(dirname(path));
    await rm(old, { recursive: true, force: true });
    return result;
  } catch (cause) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    if (!(await isTaken(path)) && (await isTaken(old))) await rename(old, path).catch(() => undefined);
    // A failing disk has a code of the system; whatever else went wrong has words of its own.
    if (TunewiseError.is(cause) || typeof (cause as { code?: unknown }).code !== "string") throw cause;
    throw problem("MOVE_WRITE_FAILED", { path, reason: errorReason(cause) }, { cause });
  }
}

async function isTaken(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
