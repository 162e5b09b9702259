/**
 * @file `arms.json` in the folder of a baseline comparison, read back.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "../../problem/index.ts";
import type { TryDocument } from "../../report/index.ts";
import type { RunFolder } from "../../track/index.ts";
import { readTextFile } from "../../untrusted/index.ts";

/** Largest file that is read. */
const documentMost = 64 * 1024 * 1024;

/** A document as it is now: what earlier versions did not write down. */
function withLaterKeys(document: TryDocument): TryDocument {
  return {
    ...document,
    void: document.void ?? [],
    compared_rows: document.compared_rows ?? document.test_rows,
    arms: document.arms.map((arm) => ({
      ...arm,
      void: arm.void ?? null,
      leftOut: arm.leftOut ?? "",
      answered: arm.answered ?? document.test_rows - arm.failed,
      secondsUpFront: arm.secondsUpFront ?? 0,
    })),
  };
}

/** Path of the document in a try's folder. */
export function tryDocumentPath(folder: RunFolder): string {
  return join(folder.path, "arms.json");
}

/**
 * Reads it back.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readTryDocument(folder: RunFolder): Promise<TryDocument> {
  const path = tryDocumentPath(folder);
  try {
    if ((await stat(path)).size > documentMost) throw new Error("it is too large");
    const document = JSON.parse(await readTextFile(path)) as TryDocument;
    if (document.format_version !== 1 || !Array.isArray(document.arms))
      throw new Error("it is of another version");
    return withLaterKeys(document);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be read";
    throw problem("RUN_FILE_UNREADABLE", { path, reason }, { cause });
  }
}
