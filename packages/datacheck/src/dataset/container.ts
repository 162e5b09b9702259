/** @file The table of containers of rows: how each is recognized and read, and which file extensions name it. */

import type { DataFileFormat } from "@tunewise/core/format";
import { parseJson } from "@tunewise/core/untrusted";
import { likelySeparator, readTable } from "./csv.ts";
import { readJsonArray, rowsOfDocument } from "./json-rows.ts";
import { readJsonl } from "./jsonl.ts";
import { readParquet } from "./parquet.ts";
import type { RowSource } from "./record.ts";
import type { TextEncoding } from "./text-encoding.ts";

/** Properties of a file by its kind of container. */
interface ContainerDetails {
  readonly jsonl: { readonly encoding: TextEncoding };
  readonly json: { readonly encoding: TextEncoding };
  readonly table: { readonly separator: string; readonly encoding: TextEncoding };
  readonly parquet: object;
}

/** A kind of container. */
export type ContainerKind = keyof ContainerDetails;

/** File format that contains the rows. */
export type Container<Kind extends ContainerKind = ContainerKind> = {
  [One in Kind]: { readonly kind: One } & ContainerDetails[One];
}[Kind];

/** Start of a file, decoded. */
export interface FileStart {
  readonly text: string;
  readonly encoding: TextEncoding;
  /** Format by the file's extension. */
  readonly named: DataFileFormat | null;
}

/** How a container is recognized and read. */
interface ContainerRow<Kind extends ContainerKind> {
  /** For sentences such as `60 rows of a table`. */
  readonly title: string;
  /** Whether all rows have the same columns. */
  readonly hasColumns: boolean;
  /** First characters of a binary file, as Latin-1; `null` for text. */
  readonly magic: string | null;
  /** Whether its text is always Unicode, so that no older encoding needs to be considered. */
  readonly isUnicode: boolean;
  /** The container of a file with this extension or content, which may be a related one. */
  readonly recognize: (start: FileStart) => Container;
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
    magic: null,
    isUnicode: true,
    recognize: recognizeJson,
    read: (path, shown, { encoding }) => readJsonl(path, shown, encoding),
  },
  json: {
    title: "a JSON document",
    hasColumns: false,
    magic: null,
    isUnicode: true,
    recognize: recognizeJson,
    read: (path, shown, { encoding }) => readJsonArray(path, shown, encoding),
  },
  table: {
    title: "a table",
    hasColumns: true,
    magic: null,
    isUnicode: false,
    recognize: recognizeTable,
    read: (path, shown, form, wanted) => readTable(path, shown, { ...form, wanted }),
  },
  parquet: {
    title: "Parquet",
    hasColumns: true,
    magic: "PAR1",
    isUnicode: false,
    recognize: () => ({ kind: "parquet" }),
    read: readParquet,
  },
};

/** Kinds of all containers, in table order. */
export const containerKinds = Object.keys(containers) as readonly ContainerKind[];

/** The container that a file extension names; `null`: only the content tells. A missing row does not compile. */
export const namedContainers: Readonly<Record<DataFileFormat, ContainerKind | null>> = {
  parquet: "parquet",
  jsonl: "jsonl",
  csv: "table",
  tsv: "table",
  json: "json",
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

function recognizeTable({ text, encoding, named }: FileStart): Container {
  return { kind: "table", separator: named === "tsv" ? "\t" : likelySeparator(text), encoding };
}

/** Lines sampled to distinguish JSON Lines from JSON. Several, since one may be damaged. */
const sampledLines = 20;

/** Distinguishes JSON Lines from a single JSON document. */
function recognizeJson({ text, encoding, named }: FileStart): Container {
  const namedLines = named === "jsonl";
  const lines = text.split("\n", sampledLines + 1).filter((line) => line.trim() !== "");
  const values = lines.slice(0, sampledLines).map(parsed);
  if (lines.length === 1) {
    const isLine = text.startsWith("[")
      ? namedLines && !/^\[\s*\{/.test(text)
      : rowsOfDocument(values[0]) === null;
    return { kind: isLine ? "jsonl" : "json", encoding };
  }
  const isLines = 2 * values.filter((value) => value !== undefined).length > values.length;
  return { kind: isLines || (namedLines && !text.startsWith("[")) ? "jsonl" : "json", encoding };
}

function parsed(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}
