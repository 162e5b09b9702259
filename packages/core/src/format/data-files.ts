/** @file Formats of files with rows, by the endings of their names. */

/** A format of files with rows. */
export type DataFileFormat = "jsonl" | "json" | "csv" | "tsv" | "parquet" | "text";

/** What the ending of a name says about a file. */
interface DataFileRules {
  /** Endings without a dot, the usual one first. */
  readonly endings: readonly [string, ...string[]];
  /** Whether each line is a row, below a first line with names in tables. */
  readonly rows: "lines" | "lines-below-names" | "whole";
  /** Whether files of this ending are taken for rows without being named. */
  readonly isFound: boolean;
}

/** Every format, in the order in which one is preferred where a data set comes in several. */
const dataFiles: Readonly<Record<DataFileFormat, DataFileRules>> = {
  parquet: { endings: ["parquet"], rows: "whole", isFound: true },
  jsonl: { endings: ["jsonl", "ndjson"], rows: "lines", isFound: true },
  csv: { endings: ["csv"], rows: "lines-below-names", isFound: true },
  tsv: { endings: ["tsv", "tab"], rows: "lines-below-names", isFound: true },
  json: { endings: ["json"], rows: "whole", isFound: true },
  // rows or notes: only a person can tell
  text: { endings: ["txt"], rows: "whole", isFound: false },
};
const formats = Object.keys(dataFiles) as DataFileFormat[];

/** Endings of all formats, or of those that are taken for rows without being named. */
function endingsOf(isFoundOnly: boolean): string[] {
  return formats
    .map((format) => dataFiles[format])
    .filter(({ isFound }) => isFound || !isFoundOnly)
    .flatMap(({ endings }) => endings);
}

/** Format of a file by its name; `null` for another ending. */
export function dataFormatOf(path: string): DataFileFormat | null {
  const ending = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  return formats.find((format) => dataFiles[format].endings.includes(ending)) ?? null;
}

/** How rows lie in files of a format. */
export function rowsIn(format: DataFileFormat): DataFileRules["rows"] {
  return dataFiles[format].rows;
}

/** Whether a file without a role in a recipe may be taken for rows. */
export function isFoundAsData(path: string): boolean {
  const format = dataFormatOf(path);
  return format !== null && dataFiles[format].isFound;
}

/** Endings with a dot, the preferred format first, for files that nobody named. */
export const foundEndings: readonly string[] = endingsOf(true).map((ending) => `.${ending}`);

/** Endings of all formats without a dot, the preferred format first. */
export const dataEndings: readonly string[] = endingsOf(false);

/** The endings in words: `.parquet, .jsonl, ... or .txt`. */
export const dataEndingsText: string = dataEndings
  .map((ending) => `.${ending}`)
  .join(", ")
  .replace(/, (?=[^,]*$)/, " or ");
