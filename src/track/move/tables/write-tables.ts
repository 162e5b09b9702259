/**
 * @file Runs as a folder of tables: as CSV, with numbers exactly, times as ISO 8601 in UTC and no text that a
 * spreadsheet takes for a formula, or as Parquet, a group of rows at a time. The one file that imports the writer of
 * Parquet.
 *
 * @source RFC 4180; owasp.org, CSV Injection
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { SchemaElement, Writer } from "hyparquet-writer";
import { loadPackage } from "../../../problem/index.ts";
import type { Reader } from "../../database/database.ts";
import type { StoredRun } from "../stored-runs.ts";
import { type Cell, type ColumnKind, type Table, tables } from "./table.ts";

/** A file with the rows it got. */
interface WrittenTable {
  readonly path: string;
  readonly rows: number;
}

/** A file that takes rows. */
interface Sink {
  add(rows: readonly (readonly Cell[])[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes the tables of runs into a folder that is there.
 *
 * @param onRun called after each run
 * @throws {TunewiseError} `PACKAGE_MISSING` without the writer of Parquet
 */
export async function writeTables(
  folder: string,
  format: "csv" | "parquet",
  reader: Reader,
  runs: AsyncIterable<StoredRun>,
  onRun: (run: StoredRun) => void,
): Promise<WrittenTable[]> {
  const begin = format === "csv" ? createCsvFile : createParquetFile;
  const sinks: { table: Table; sink: Sink; path: string; rows: number }[] = [];
  try {
    for (const table of tables) {
      const path = `${table.name}.${format}`;
      sinks.push({ table, path, sink: await begin(join(folder, path), table), rows: 0 });
    }
    for await (const run of runs) {
      for (const item of sinks) {
        for await (const rows of item.table.rows(reader, run)) {
          await item.sink.add(rows);
          item.rows += rows.length;
        }
      }
      onRun(run);
    }
  } finally {
    for (const { sink } of sinks) await sink.close();
  }
  return sinks.map(({ path, rows }) => ({ path, rows }));
}

async function createCsvFile(path: string, table: Table): Promise<Sink> {
  const handle = await open(path, "w");
  await handle.appendFile(csvHead(table));
  return {
    add: async (rows) => {
      if (rows.length > 0) await handle.appendFile(csvLines(table, rows));
    },
    close: async () => {
      await handle.sync();
      await handle.close();
    },
  };
}

/** A spreadsheet computes a cell that begins so. */
const formula = /^[=+\-@\t\r]/;
/** A number is no formula, whatever sign it has. */
const plainNumber = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/;

/** The line of a table's head. */
function csvHead({ columns }: Table): string {
  return csvLine(Object.keys(columns).map((name) => quoted(name)));
}

/** Rows as lines. */
function csvLines({ columns }: Table, rows: readonly (readonly Cell[])[]): string {
  const kinds = Object.values(columns);
  return rows.map((row) => csvLine(row.map((cell, at) => cellText(kinds[at] ?? "text", cell)))).join("");
}

function csvLine(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}

function cellText(kind: ColumnKind, cell: Cell): string {
  if (cell === null) return "";
  if (kind === "text") return quoted(safe(String(cell)));
  if (kind === "time") return isoTime(Number(cell));
  return String(cell);
}

/** An apostrophe in front makes a text of it; programs that read CSV see it, which the documentation says. */
function safe(text: string): string {
  return formula.test(text) && !plainNumber.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An instant that no calendar has stays a number. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

/** Rows of a group: a few megabytes. */
const groupRows = 100_000;

const types: Readonly<Record<ColumnKind, Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  whole: { type: "INT64", repetition_type: "OPTIONAL" },
  real: { type: "DOUBLE", repetition_type: "OPTIONAL" },
  time: { type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type: "OPTIONAL" },
};

/** A file that takes rows until it is closed; without its close it is none that a reader would take. */
interface ParquetFile {
  add(rows: readonly (readonly Cell[])[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Begins a file; what was there is replaced.
 *
 * @throws {TunewiseError} `PACKAGE_MISSING`
 */
export async function createParquetFile(path: string, { columns }: Table): Promise<ParquetFile> {
  const load = () => import("hyparquet-writer");
  const { fileWriter, ParquetWriter } = await loadPackage("hyparquet-writer", "An export to Parquet", load);
  const kinds = Object.entries(columns);
  const schema: SchemaElement[] = [
    { name: "root", num_children: kinds.length },
    ...kinds.map(([name, kind]) => ({ name, ...types[kind] })),
  ];
  const writer: Writer = fileWriter(path);
  const file = new ParquetWriter({ writer, schema, createdBy: "tunewise" });
  let waiting: (readonly Cell[])[] = [];
  const flush = async (): Promise<void> => {
    const columnData = kinds.map(([name, kind], at) => ({
      name,
      data: waiting.map((row) => storedValue(kind, row[at] ?? null)),
    }));
    await file.write({ columnData, rowGroupSize: groupRows });
    waiting = [];
  };
  return {
    add: async (rows) => {
      for (const row of rows) waiting.push(row);
      if (waiting.length >= groupRows) await flush();
    },
    close: async () => {
      if (waiting.length > 0) await flush();
      await file.finish();
    },
  };
}

function storedValue(kind: ColumnKind, cell: Cell): unknown {
  if (cell === null || kind === "text" || kind === "real") return cell;
  return BigInt(cell);
}
