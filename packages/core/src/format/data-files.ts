/**
 * @file Every format of data files by its extensions. `datacheck/src/dataset/container.ts` reads them as rows and
 * `retrieve/documents/read-document.ts` as documents; recipes, hub data sets, `tunewise init` and the fingerprints of
 * commands derive their extensions from it.
 */

/** A format of data files. */
export type DataFileFormat = "jsonl" | "json" | "csv" | "tsv" | "parquet" | "arrow" | "xlsx" | "text";

/** Properties of a format. */
interface DataFileRules {
  /** File extensions without the dot, the usual one first. */
  readonly endings: readonly [string, ...string[]];
  /** Whether each line is a row (in tables, after a header line). */
  readonly rows: "lines" | "lines-below-names" | "whole";
  /** Whether files with this extension are treated as rows although no recipe names them. */
  readonly isFound: boolean;
  /** Whether a file may be compressed as a whole; the other formats compress their own parts. */
  readonly isText: boolean;
}

/** Every format, in order of preference if a data set is available in several. */
const dataFiles: Readonly<Record<DataFileFormat, DataFileRules>> = {
  parquet: { endings: ["parquet"], rows: "whole", isFound: true, isText: false },
  arrow: { endings: ["arrow", "feather"], rows: "whole", isFound: true, isText: false },
  jsonl: { endings: ["jsonl", "ndjson"], rows: "lines", isFound: true, isText: true },
  csv: { endings: ["csv"], rows: "lines-below-names", isFound: true, isText: true },
  tsv: { endings: ["tsv", "tab"], rows: "lines-below-names", isFound: true, isText: true },
  json: { endings: ["json"], rows: "whole", isFound: true, isText: true },
  xlsx: { endings: ["xlsx"], rows: "whole", isFound: true, isText: false },
  // rows or notes: only the user can tell
  text: { endings: ["txt", "md"], rows: "whole", isFound: false, isText: true },
};

/** How a text file is compressed as a whole. */
export type Compression = "gzip" | "zstd";

/** The extension of each compression, behind that of the format: `rows.jsonl.gz`. */
const compressedEndings: Readonly<Record<Compression, string>> = { gzip: "gz", zstd: "zst" };
const compressions = Object.keys(compressedEndings) as Compression[];
const formats = Object.keys(dataFiles) as DataFileFormat[];

/** Extensions of all formats, or only of those that are treated as rows although no recipe names them. */
function endingsOf(isFoundOnly: boolean): string[] {
  return formats
    .map((format) => dataFiles[format])
    .filter(({ isFound }) => isFound || !isFoundOnly)
    .flatMap(({ endings }) => endings);
}

/** Splits the extensions off a file's name, in lower case; `packed` is that of a compression. */
function endingsIn(path: string): { readonly ending: string; readonly packed: Compression | null } {
  const [, name = "", last = ""] = /^(.*)\.([^./\\]+)$/s.exec(path.toLowerCase()) ?? [];
  const packed = compressions.find((one) => compressedEndings[one] === last) ?? null;
  if (packed === null) return { ending: last, packed };
  return { ending: /\.([^./\\]+)$/.exec(name)?.[1] ?? "", packed };
}

/** Format of a file by its name, below a compression's extension if it has one; `null` for other extensions. */
export function dataFormatOf(path: string): DataFileFormat | null {
  const { ending, packed } = endingsIn(path);
  const format = formats.find((one) => dataFiles[one].endings.includes(ending)) ?? null;
  return format !== null && packed !== null && !dataFiles[format].isText ? null : format;
}

/** How a file stores rows, by its name. */
export function rowsIn(path: string): DataFileRules["rows"] {
  const format = dataFormatOf(path);
  return format === null || endingsIn(path).packed !== null ? "whole" : dataFiles[format].rows;
}

/** Whether a file that the recipe does not mention may be treated as rows. */
export function isFoundAsData(path: string): boolean {
  const format = dataFormatOf(path);
  return format !== null && dataFiles[format].isFound;
}

/** Extensions with a dot, the preferred format first, for files that no recipe names. */
export const foundEndings: readonly string[] = endingsOf(true).flatMap((ending) => [
  `.${ending}`,
  ...packedEndings(ending).map((packed) => `.${packed}`),
]);

/** Formats in table order. */
export const dataFormats: readonly DataFileFormat[] = formats;

/** Extensions of a format without a dot, the usual one first. */
export function endingsOfFormat(format: DataFileFormat): readonly string[] {
  return dataFiles[format].endings;
}

/** Extensions of all formats without a dot, the preferred format first. */
export const dataEndings: readonly string[] = endingsOf(false);

/** The extension with that of each compression, if files of its format may be compressed. */
function packedEndings(ending: string): string[] {
  return formats.some((format) => dataFiles[format].isText && dataFiles[format].endings.includes(ending))
    ? compressions.map((one) => `${ending}.${compressedEndings[one]}`)
    : [];
}

/** The extensions as text: `.parquet, .jsonl, ... or .txt (text also .gz or .zst)`. */
export const dataEndingsText: string = `${alternatives(dataEndings)} (text also ${packedEndingsText()})`;

function packedEndingsText(): string {
  return alternatives(Object.values(compressedEndings));
}

function alternatives(endings: readonly string[]): string {
  return endings
    .map((ending) => `.${ending}`)
    .join(", ")
    .replace(/, (?=[^,]*$)/, " or ");
}

/** The extensions as alternatives of a regular expression, in lower and in upper case. */
export const escapedDataEndings: string = dataEndings
  .flatMap((ending) => [ending, ...packedEndings(ending)])
  .flatMap((ending) => [ending, ending.toUpperCase()])
  .map((ending) => ending.replace(/\W/g, "\\$&"))
  .join("|");
