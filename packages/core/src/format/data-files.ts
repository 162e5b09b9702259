/**
 * @file Every format of data files by its extensions. `datacheck/src/dataset/container.ts` reads them as rows and
 * `retrieve/documents/read-document.ts` as documents; recipes, hub data sets, `tunewise init` and the fingerprints of
 * commands derive their extensions from it.
 */

/** A format of data files. */
export type DataFileFormat = "jsonl" | "json" | "csv" | "tsv" | "parquet" | "text";

/** Properties of a format. */
interface DataFileRules {
  /** File extensions without the dot, the usual one first. */
  readonly endings: readonly [string, ...string[]];
  /** Whether each line is a row (in tables, after a header line). */
  readonly rows: "lines" | "lines-below-names" | "whole";
  /** Whether files with this extension are treated as rows although no recipe names them. */
  readonly isFound: boolean;
}

/** Every format, in order of preference if a data set is available in several. */
const dataFiles: Readonly<Record<DataFileFormat, DataFileRules>> = {
  parquet: { endings: ["parquet"], rows: "whole", isFound: true },
  jsonl: { endings: ["jsonl", "ndjson"], rows: "lines", isFound: true },
  csv: { endings: ["csv"], rows: "lines-below-names", isFound: true },
  tsv: { endings: ["tsv", "tab"], rows: "lines-below-names", isFound: true },
  json: { endings: ["json"], rows: "whole", isFound: true },
  // rows or notes: only the user can tell
  text: { endings: ["txt"], rows: "whole", isFound: false },
};
const formats = Object.keys(dataFiles) as DataFileFormat[];

/** Extensions of all formats, or only of those that are treated as rows although no recipe names them. */
function endingsOf(isFoundOnly: boolean): string[] {
  return formats
    .map((format) => dataFiles[format])
    .filter(({ isFound }) => isFound || !isFoundOnly)
    .flatMap(({ endings }) => endings);
}

/** Format of a file by its name; `null` for other extensions. */
export function dataFormatOf(path: string): DataFileFormat | null {
  const ending = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  return formats.find((format) => dataFiles[format].endings.includes(ending)) ?? null;
}

/** How a format stores rows. */
export function rowsIn(format: DataFileFormat): DataFileRules["rows"] {
  return dataFiles[format].rows;
}

/** Whether a file that the recipe does not mention may be treated as rows. */
export function isFoundAsData(path: string): boolean {
  const format = dataFormatOf(path);
  return format !== null && dataFiles[format].isFound;
}

/** Extensions with a dot, the preferred format first, for files that no recipe names. */
export const foundEndings: readonly string[] = endingsOf(true).map((ending) => `.${ending}`);

/** Formats in table order. */
export const dataFormats: readonly DataFileFormat[] = formats;

/** Extensions of a format without a dot, the usual one first. */
export function endingsOfFormat(format: DataFileFormat): readonly string[] {
  return dataFiles[format].endings;
}

/** Extensions of all formats without a dot, the preferred format first. */
export const dataEndings: readonly string[] = endingsOf(false);

/** The extensions as text: `.parquet, .jsonl, ... or .txt`. */
export const dataEndingsText: string = dataEndings
  .map((ending) => `.${ending}`)
  .join(", ")
  .replace(/, (?=[^,]*$)/, " or ");

/** The extensions as alternatives of a regular expression, in lower and in upper case. */
export const escapedDataEndings: string = [
  ...dataEndings,
  ...dataEndings.map((ending) => ending.toUpperCase()),
]
  .map((ending) => ending.replace(/\W/g, "\\$&"))
  .join("|");
