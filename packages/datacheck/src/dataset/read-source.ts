/** @file Reads the rows of a source: a file, or the files that a folder or a pattern names, as one. */

import { type Example, issueFindings } from "@tunewise/core/rows";
import { type Finding, findingOf, problem } from "../problem/index.ts";
import { MAX_ROWS } from "./limits.ts";
import { absentColumns, originsOf, type ReadOptions, readExamples, readOneFile } from "./read.ts";
import type { RowIssues } from "./row-issue.ts";
import { type SourceFile, sourceFiles } from "./source-files.ts";

/** A file as it was read. */
export interface ReadFileCount extends SourceFile {
  /** Records, usable or not. */
  readonly rows: number;
}

/** Usable rows of a source, and findings about the others. */
export interface SourceRows {
  /** Records of all files, usable or not. */
  readonly rows: number;
  /** The files in the order of their rows. */
  readonly files: readonly ReadFileCount[];
  readonly examples: readonly Example[];
  readonly findings: readonly Finding[];
}

/**
 * Reads the examples of a file, a folder or a pattern. Findings: those of `readExamples`, each code once.
 *
 * @param path path to open
 * @param shown source as written in the recipe, used in examples and messages
 * @throws {TunewiseError} `DATA_FOLDER_EMPTY`, `DATA_FOLDER_PARTS`, and those of `readExamples`
 */
export async function readSource(path: string, shown: string, options: ReadOptions): Promise<SourceRows> {
  const files = await sourceFiles(path, shown);
  const [only] = files;
  if (only?.path === path) {
    const read = await readExamples(path, shown, options);
    return { ...read, files: [{ path, shown, rows: read.rows }] };
  }
  return readSeveral(files, shown, options);
}

async function readSeveral(
  files: readonly SourceFile[],
  shown: string,
  options: ReadOptions,
): Promise<SourceRows> {
  const examples: Example[] = [];
  const counts: ReadFileCount[] = [];
  const issues: ReturnType<RowIssues["gathered"]>[] = [];
  const notes = new Map<string, Finding>();
  let rows = 0;
  for (const file of files) {
    const read = await readOneFile(file.path, file.shown, options);
    rows += read.rows;
    counts.push({ ...file, rows: read.rows });
    // spreading millions of arguments would not fit on the stack
    for (const example of read.examples) examples.push(example);
    if (rows > MAX_ROWS)
      throw problem("DATA_FILE_UNREADABLE", { file: shown, reason: `it has more than ${MAX_ROWS} rows` });
    issues.push(read.issues.gathered());
    if (read.note === null) continue;
    // files of one format give one note, under the name of the source
    const detail = read.note.detail.replace(file.shown, () => shown);
    if (!notes.has(detail)) notes.set(detail, { ...read.note, detail, where: [{ file: shown }] });
  }
  const findings = [
    ...notes.values(),
    ...issueFindings(issues, findingOf),
    ...absentColumns(shown, originsOf(examples), options),
  ];
  return { rows, files: counts, examples, findings };
}
