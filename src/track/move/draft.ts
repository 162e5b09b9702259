/** @file A folder of an export: whole or not there, with words for a disk that fails. */
import { lstat } from "node:fs/promises";
import { errorCode, errorReason, writeFolderAtomically } from "../../files/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";

/**
 * Makes a folder whose content `write` writes.
 *
 * @param isForced whether what is there may be replaced
 * @throws {TunewiseError} `MOVE_TARGET_THERE`, `MOVE_WRITE_FAILED`
 */
export async function writeWholeFolder<Result>(
  path: string,
  { isForced }: { readonly isForced: boolean },
  write: (draft: string) => Promise<Result>,
): Promise<Result> {
  const isThere = (await lstat(path).catch(() => null)) !== null;
  if (isThere && !isForced) throw problem("MOVE_TARGET_THERE", { path });
  try {
    return await writeFolderAtomically(path, { present: isForced ? "replace" : "keep" }, write);
  } catch (cause) {
    // A failing disk has a code of the system; whatever else went wrong has words of its own.
    if (TunewiseError.is(cause) || errorCode(cause) === "") throw cause;
    throw problem("MOVE_WRITE_FAILED", { path, reason: errorReason(cause) }, { cause });
  }
}
