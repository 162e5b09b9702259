/** @file Recognizes the contents of data files for `init`, and rejects files that cannot be used for training. */

import { resolve } from "node:path";
import { countOf } from "@tunewise/core/quantity";
import {
  mayBeDocuments,
  type NamedColumns,
  type RecognizedFile,
  recognizeFile,
  untrainableRows,
} from "@tunewise/datacheck/dataset";
import { problem } from "../../problem/index.ts";
import type { FoundFiles } from "./find-data.ts";

/** Files with their recognized contents. */
export interface InspectedData {
  readonly files: FoundFiles;
  readonly train: RecognizedFile;
  /** Validation and test rows; `null` if there is no suitable file. */
  readonly validation: RecognizedFile | null;
  readonly test: RecognizedFile | null;
  /** Why files that are named after a part are not used. */
  readonly leftOut: readonly string[];
}

/** Minimum fraction of usable rows. Files with a smaller fraction are rejected. */
const usableShare = 0.5;

/**
 * Inspects all files of a data set.
 *
 * @param named columns named by the user, which make preference data acceptable
 * @throws {TunewiseError} `DATA_PREFERENCE_PAIRS`, `DATA_TEXT_ONLY`, `INIT_ROWS_UNUSABLE`,
 *   `INIT_TOO_FEW_ROWS`,
 *   `DATA_COLUMN_MISSING`, and those of the readers; the caller resolves `unclear` columns
 */
export async function inspectData(
  files: FoundFiles,
  cwd: string,
  named: NamedColumns,
): Promise<InspectedData> {
  const train = await recognizeFile(resolve(cwd, files.train), files.train, named);
  requireTrainable(train, files.train, named);
  const leftOut: string[] = [];
  const part = async (path: string | null): Promise<RecognizedFile | null> => {
    if (path === null || train.reading.kind === "unclear") return null;
    const wanted = train.reading.kind === "pair" ? train.reading : { prompt: null, completion: null };
    const other = await recognizeFile(resolve(cwd, path), path, wanted);
    const isSame = other.answers !== null || train.reading.kind === "text-only";
    if (other.unusable <= usableShare * other.rows && isSame && other.reading.kind !== "unclear")
      return other;
    const reason = other.firstReason ?? `its rows are ${other.reading.kind}`;
    leftOut.push(
      `${path} is not taken: ${other.unusable} of its ${countOf(other.rows, "row")} have no answer (${reason})`,
    );
    return null;
  };
  const [validation, test] = [await part(files.validation), await part(files.test)];
  const isShared = validation === null || test === null;
  requireEnough(train, files.train, isShared ? minSharedRows : 1);
  return { files, train, validation, test, leftOut };
}

/** With fewer usable rows, a split of 0.1 rounds to zero rows. */
const minSharedRows = 5;

function requireEnough(
  { reading, rows, unusable, unchosen, isCut }: RecognizedFile,
  file: string,
  needed: number,
): void {
  const usable = rows - unusable - unchosen;
  if (reading.kind === "unclear" || isCut || usable >= needed) return;
  throw problem("INIT_TOO_FEW_ROWS", { file, usable: countOf(usable, "usable row"), needed });
}

function requireTrainable(
  { reading, rows, unusable, firstReason, columns }: RecognizedFile,
  file: string,
  named: NamedColumns,
): void {
  if (rows === 0) throw problem("INIT_ROWS_UNUSABLE", { file, reason: "it has no rows" });
  const missing = [named.prompt, named.completion].find((name) => name !== null && !columns.includes(name));
  if (missing !== undefined && missing !== null)
    throw problem("DATA_COLUMN_MISSING", { file, column: missing, columns: columns.slice(0, 12).join(", ") });
  const isPrompts = reading.kind === "text-only" && !mayBeDocuments(reading.text);
  if (isPrompts || (reading.kind === "preference" && !reading.isDecided))
    throw untrainableRows(file, reading);
  if (reading.kind !== "unclear" && unusable === rows)
    throw problem("INIT_ROWS_UNUSABLE", { file, reason: `its first row ${firstReason ?? "cannot be used"}` });
}
