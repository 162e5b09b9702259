/** @file Reads `arms.json` in the folder of a baseline comparison. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import type { RunFolder } from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";
import type { TryDocument } from "../../report/index.ts";

/** Maximum size of the document. */
const maxDocumentBytes = 64 * 1024 * 1024;

/** Adds keys that earlier versions did not write. */
function withLaterKeys(document: TryDocument): TryDocument {
  return {
    ...document,
    invalid: document.invalid ?? [],
    compared_rows: document.compared_rows ?? document.test_rows,
    arms: document.arms.map((arm) => ({
      ...arm,
      invalid: arm.invalid ?? null,
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
 * Reads the document of a try.
 *
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readTryDocument(folder: RunFolder): Promise<TryDocument> {
  const path = tryDocumentPath(folder);
  try {
    if ((await stat(path)).size > maxDocumentBytes) throw new Error("it is too large");
    const document = JSON.parse(await readTextFile(path)) as TryDocument;
    if (document.format_version !== 1 || !Array.isArray(document.arms))
      throw new Error("it is of another version");
    return withLaterKeys(document);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be read";
    throw problem("RUN_FILE_UNREADABLE", { path, reason }, { cause });
  }
}
