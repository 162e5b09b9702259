/** @file The table of containers of rows: how each is recognized and read, and which file extensions name it. */

import type { Compression, DataFileFormat } from "@tunewise/core/format";
import { parseJson } from "@tunewise/core/untrusted";
import { readArrow } from "./arrow/read-arrow.ts";
import { hasEvenColumns, likelySeparator, readTable } from "./csv.ts";
import { readDocuments, type SampleBy } from "./documents.ts";
import { readJsonArray, rowsOfDocument } from "./json-rows.ts";
import { readJsonl } from "./jsonl.ts";
import { readParquet } from "./parquet.ts";
import { isFields, type RowSource } from "./record.ts";
import type { TextEncoding } from "./text-encoding.ts";
import { chooseSheet, readXlsx, type SheetChoice } from "./xlsx/read-xlsx.ts";

/** How the text of a file is stored. */
interface TextForm {
  readonly encoding: TextEncoding;
  readonly compression: Compression | null;
}

/** Properties of a file by its kind of container. */
interface ContainerDetails {
  readonly jsonl: TextForm;
  readonly json: TextForm;
  readonly table: TextForm & { readonly separator: string };
  readonly parquet: object;
  readonly arrow: object;
  readonly xlsx: SheetChoice;
  readonly document: TextForm & { readonly sampleBy: SampleBy };
}

/** A kind of container. */
export type ContainerKind = keyof ContainerDetails;

/** File format that contains the rows. */
export type Container<Kind extends ContainerKind = ContainerKind> = {
  [One in Kind]: { readonly kind: One } & ContainerDetails[One];
}[Kind];

/** Start of a file, decoded. */
export interface FileStart extends TextForm {
  readonly text: string;
  /** Format by the file's extension. */
  readonly named: DataFileFormat | null;
}

/** How a container is recognized and read. */
interface ContainerRow<Kind extends ContainerKind> {
  /** For sentences such as `60 rows of a table`. */
  readonly title: string;
  /** Whether all rows have the same columns. */
  readonly hasColumns: boolean;
  /** Whether the first row may be a row instead of the names of columns. */
  readonly mayLackHeader: boolean;
  /** First characters of a binary file, as Latin-1; none for text. */
  readonly magic: readonly string[];
  /** Whether its text is always Unicode, so that no older encoding needs to be considered. */
  readonly isUnicode: boolean;
  /** The container of a file with this extension or content, which may be a related one. */
  readonly recognize: (start: FileStart, path: string, shown: string) => Container | Promise<Container>;
  readonly read: (
    path: string,
    shown: string,
    container: Container<Kind>,
    wanted: readonly string[],
  ) => RowSource;
}

/** Every container by kind. A missing row does not compile. */
export const containers: { readonly [Kind in ContainerKind]: ContainerRow<Kind> } = {
  jsonl: {
    title: "JSON lines",
    hasColumns: false,
    mayLackHeader: false,
    magic: [],
    isUnicode: true,
    recognize: recognizeJson,
    read: readJsonl,
  },
  json: {
    title: "a JSON document",
    hasColumns: false,
    mayLackHeader: false,
    magic: [],
    isUnicode: true,
    recognize: recognizeJson,
    read: (path, shown, { encoding, compression }) => readJsonArray(path, shown, encoding, compression),
  },
  table: {
    title: "a table",
    hasColumns: true,
    mayLackHeader: true,
    magic: [],
    isUnicode: false,
    recognize: recognizeTable,
    read: (path, shown, form, wanted) => readTable(path, shown, { ...form, wanted }),
  },
  parquet: {
    title: "Parquet",
    hasColumns: true,
    mayLackHeader: false,
    magic: ["PAR1"],
    isUnicode: false,
    recognize: () => ({ kind: "parquet" }),
    read: readParquet,
  },
  arrow: {
    title: "Arrow",
    hasColumns: true,
    mayLackHeader: false,
    // a file for random access; a stream
    magic: ["ARROW1", "\xff\xff\xff\xff"],
    isUnicode: false,
    recognize: () => ({ kind: "arrow" }),
    read: readArrow,
  },
  xlsx: {
    title: "a spreadsheet",
    hasColumns: true,
    mayLackHeader: true,
    magic: ["PK\x03\x04"],
    isUnicode: false,
    recognize: async (_, path, shown) => {
      const choice = await chooseSheet(path, shown);
      return { kind: "xlsx", ...choice };
    },
    read: (path, shown, _, wanted) => readXlsx(path, shown, wanted),
  },
  document: {
    title: "plain text",
    hasColumns: false,
    mayLackHeader: false,
    magic: [],
    isUnicode: false,
    recognize: ({ encoding, compression }) => documentContainer(encoding, compression, "document"),
    read: readDocuments,
  },
};

/** The container of a text file whose content is documents, which only the recipe tells from a table. */
export function documentContainer(
  encoding: TextEncoding,
  compression: Compression | null,
  sampleBy: SampleBy,
): Container<"document"> {
  return { kind: "document", encoding, compression, sampleBy };
}

/** Kinds of all containers, in table order. */
export const containerKinds = Object.keys(containers) as readonly ContainerKind[];

/** The container that a file extension names; `null`: only the content tells. A missing row does not compile. */
export const namedContainers: Readonly<Record<DataFileFormat, ContainerKind | null>> = {
  parquet: "parquet",
  arrow: "arrow",
  jsonl: "jsonl",
  csv: "table",
  tsv: "table",
  json: "json",
  xlsx: "xlsx",
  text: null,
};

/**
 * Reads the rows of a container.
 *
 * @param wanted columns that the caller needs, see `readTable`
 */
export function readContainer<Kind extends ContainerKind>(
  container: Container<Kind>,
  path: string,
  shown: string,
  wanted: readonly string[],
): RowSource {
  const rows: { readonly [One in Kind]: ContainerRow<One> } = containers;
  return rows[container.kind].read(path, shown, container, wanted);
}

/** Whether the text of a table or JSON file is a table, by its content; the extension decides in unclear cases. */
export function isTableText(text: string, stated: ContainerKind | null): boolean {
  const values = sampleOf(text).map(parsed);
  const objects = values.filter(isFields).length;
  if (stated === "table") return !(2 * objects > values.length || /^\[\s*\{/.test(text));
  if (stated === null) return !/^[[{]/.test(text);
  const isJson = /^[[{]/.test(text) || values.some((value) => value !== undefined);
  return !isJson && values.length > 1 && hasEvenColumns(text);
}

function recognizeTable({ text, encoding, compression, named }: FileStart): Container {
  return { kind: "table", separator: named === "tsv" ? "\t" : likelySeparator(text), encoding, compression };
}

/** Lines sampled to distinguish JSON Lines from JSON and from tables. Several, since one may be damaged. */
const sampledLines = 20;

function sampleOf(text: string): string[] {
  const lines = text.split("\n", sampledLines + 1).filter((line) => line.trim() !== "");
  return lines.slice(0, sampledLines);
}

/** Distinguishes JSON Lines from a single JSON document. */
function recognizeJson({ text, encoding, compression, named }: FileStart): Container {
  const namedLines = named === "jsonl";
  const values = sampleOf(text).map(parsed);
  if (values.length === 1) {
    const isLine = text.startsWith("[")
      ? namedLines && !/^\[\s*\{/.test(text)
      : rowsOfDocument(values[0]) === null;
    return { kind: isLine ? "jsonl" : "json", encoding, compression };
  }
  const isLines = 2 * values.filter((value) => value !== undefined).length > values.length;
  const kind = isLines || (namedLines && !text.startsWith("[")) ? "jsonl" : "json";
  return { kind, encoding, compression };
}

function parsed(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}
