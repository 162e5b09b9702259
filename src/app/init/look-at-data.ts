/**
 * @file Opens the files that `init` is given and says what they hold, or why they cannot be trained on.
 */

import { resolve } from "node:path";
import { type NamedColumns, type RecognizedFile, recognizeFile } from "../../dataset/index.ts";
import { problem } from "../../problem/index.ts";
import { countOf } from "../../quantity/index.ts";
import type { FoundFiles } from "./find-data.ts";

/** Files with what they hold. */
export interface LookedAtData {
  readonly files: FoundFiles;
  readonly train: RecognizedFile;
  /** Rows of the other files; `null`: there is none that fits. */
  readonly validation: RecognizedFile | null;
  readonly test: RecognizedFile | null;
  /** Why a file that is called after a part is not taken. */
  readonly leftOut: readonly string[];
}

/** Share of rows that must be usable for a file to count as rows of the same kind. */
const usableShare = 0.5;

/**
 * Looks at all files of a data set.
 *
 * @param named columns that the user names; with them rows of preference data are taken as they are asked for
 * @throws {TunewiseError} `DATA_PREFERENCE_PAIRS`, `DATA_TEXT_ONLY`, `INIT_TOOL_CALLS`, `INIT_ROWS_UNUSABLE`,
 *   `DATA_COLUMN_MISSING`, and those of the readers; `unclear` columns are the caller's to ask about
 */
export async function lookAtData(files: FoundFiles, cwd: string, named: NamedColumns): Promise<LookedAtData> {
  const train = await recognizeFile(resolve(cwd, files.train), files.train, named);
  demandTrainable(train, files.train, named);
  const leftOut: string[] = [];
  const part = async (path: string | null): Promise<RecognizedFile | null> => {
    if (path === null || train.reading.kind === "unclear") return null;
    const wanted = train.reading.kind === "pair" ? train.reading : { prompt: null, completion: null };
    const other = await recognizeFile(resolve(cwd, path), path, wanted);
    if (other.unusable <= usableShare * other.rows && other.answers !== null) return other;
    const reason = other.firstReason ?? `its rows are ${other.reading.kind}`;
    leftOut.push(
      `${path} is not taken: ${other.unusable} of its ${countOf(other.rows, "row")} have no answer (${reason})`,
    );
    return null;
  };
  const [validation, test] = [await part(files.validation), await part(files.test)];
  return { files, train, validation, test, leftOut };
}

function demandTrainable(
  { reading, rows, unusable, firstReason, columns }: RecognizedFile,
  file: string,
  named: NamedColumns,
): void {
  if (rows === 0) throw problem("INIT_ROWS_UNUSABLE", { file, reason: "it has no rows" });
  const missing = [named.prompt, named.completion].find((name) => name !== null && !columns.includes(name));
  if (missing !== undefined && missing !== null)
    throw problem("DATA_COLUMN_MISSING", { file, column: missing, columns: columns.slice(0, 12).join(", ") });
  if (reading.kind === "preference") {
    const { chosen, rejected, prompt } = reading;
    throw problem("DATA_PREFERENCE_PAIRS", { file, chosen, rejected, prompt: prompt ?? "PROMPT" });
  }
  if (reading.kind === "text-only") throw problem("DATA_TEXT_ONLY", { file, column: reading.text });
  if (reading.kind === "tool-calls" && reading.rows > (1 - usableShare) * rows)
    throw problem("INIT_TOOL_CALLS", { file, rows: reading.rows, of: rows });
  if (reading.kind !== "unclear" && unusable === rows)
    throw problem("INIT_ROWS_UNUSABLE", { file, reason: `its first row ${firstReason ?? "cannot be used"}` });
}
