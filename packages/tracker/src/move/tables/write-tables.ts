/**
 * @file Writes runs as a folder of tables. CSV has exact numbers, ISO 8601 times in UTC, and no text that a spreadsheet
 * would run as a formula. Parquet is written one row group at a time. The only file that imports the Parquet writer.
 *
 * @source RFC 4180; owasp.org, CSV Injection
 */
import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, errorReason, writeFolderAtomically } from "@tunewise/core/files";
import type { SchemaElement, Writer } from "hyparquet-writer";
import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import type { Reader } from "../../database/database.ts";
import { loadPackage, problem, TunewiseError } from "../../problem/index.ts";
import { readAlerts } from "../../wandb/alerts.ts";
import { flatEntries } from "../../wandb/history-rows.ts";
import { readLooseObject } from "../../wandb/loose-json.ts";
import { listWandbFiles } from "../../wandb/run-files.ts";
import { readSummaryValues } from "../../wandb/summary.ts";
import { readStoredPoints, type StoredRun } from "../stored-runs.ts";

/** A file and the number of rows written. */
interface WrittenTable {
  readonly path: string;
  readonly rows: number;
}

/** A file to which rows are appended. */
interface Sink {
  add(rows: readonly (readonly Cell[])[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes the tables of runs into an existing folder.
 *
 * @param onRun called after each run
 * @throws {TunewiseError} `PACKAGE_MISSING` if the Parquet writer is not installed
 */
export async function writeTables(
  folder: string,
  format: "csv" | "parquet",
  store: TableStore,
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
        for await (const rows of item.table.rows(store, run)) {
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

/** Spreadsheets treat a cell with such a beginning as a formula. */
const formula = /^[=+\-@\t\r]/;
/** Signed numbers are not formulas. */
const plainNumber = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/;

/** The header line of a table. */
function csvHead({ columns }: Table): string {
  return csvLine(Object.keys(columns).map((name) => quoted(name)));
}

/** Rows as CSV lines. */
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

/** A leading apostrophe makes spreadsheets treat the cell as text. Other readers of the CSV see it, as documented. */
function safe(text: string): string {
  return formula.test(text) && !plainNumber.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A time outside the range of dates stays a number. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

/** Rows per row group: a few megabytes. */
const groupRows = 100_000;

const types: Readonly<Record<ColumnKind, Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  whole: { type: "INT64", repetition_type: "OPTIONAL" },
  real: { type: "DOUBLE", repetition_type: "OPTIONAL" },
  time: { type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type: "OPTIONAL" },
};

/** A Parquet file, which is readable only after `close`. */
interface ParquetFile {
  add(rows: readonly (readonly Cell[])[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates a file, replacing an existing one.
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

/**
 * Creates a folder atomically, with content from `write`.
 *
 * @param isForced whether an existing folder may be replaced
 * @throws {TunewiseError} `MOVE_TARGET_THERE`, `MOVE_WRITE_FAILED`
 */
export async function writeWholeFolder<Result>(
  path: string,
  { isForced }: { readonly isForced: boolean },
  write: (draft: string) => Promise<Result>,
): Promise<Result> {
  const isThere = (await lstat(path).catch(() => null)) !== null;
  if (isThere && !isForced) throw problem("MOVE_TARGET_THERE", { path });
  try {
    return await writeFolderAtomically(path, { present: isForced ? "replace" : "keep" }, write);
  } catch (cause) {
    // Disk errors have a system error code; other errors already have a readable message.
    if (TunewiseError.is(cause) || errorCode(cause) === "") throw cause;
    throw problem("MOVE_WRITE_FAILED", { path, reason: errorReason(cause) }, { cause });
  }
}

/** Type of a column. `time` is milliseconds since 1970; a missing value is `null`. */
type ColumnKind = "text" | "whole" | "real" | "time";

/** A value in a row. */
type Cell = string | number | null;

/** Where rows are read from. */
export interface TableStore {
  readonly database: Reader;
  readonly artifacts: ArtifactStore;
}

/** A table. */
export interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** A run's rows, in batches. */
  readonly rows: (store: TableStore, run: StoredRun) => AsyncIterable<readonly (readonly Cell[])[]>;
}

/** Rows per batch. */
const rowsAtOnce = 1_000;

/** Tables for what W&B clients log besides numbers. */
const wandbTables: readonly Table[] = [
  {
    name: "summary",
    columns: { run_id: "text", key: "text", value: "text" },
    rows: async function* ({ database }, { id, number }) {
      yield [...(await readSummaryValues(database, number))].map(([key, value]) => [id, key, String(value)]);
    },
  },
  {
    // Texts, histograms, and references to media and table files, as JSON.
    name: "values",
    columns: { run_id: "text", step: "whole", key: "text", value: "text" },
    rows: async function* ({ database }, { id, number }) {
      const sql = `SELECT line, step, content FROM wandb_rows WHERE run = ? AND kind = 'history' AND line > ?
        ORDER BY line LIMIT ?`;
      for (let after = Number.MIN_SAFE_INTEGER; ; ) {
        const rows = await database.all(sql, number, after, rowsAtOnce);
        yield rows.flatMap(({ step, content }) =>
          [...flatEntries(readLooseObject(String(content)) ?? {})].map(([key, value]) => [
            ...[id, Number(step), key, typeof value === "string" ? value : JSON.stringify(value)],
          ]),
        );
        const last = rows.at(-1);
        if (!last) return;
        after = Number(last["line"]);
      }
    },
  },
  {
    name: "alerts",
    columns: { run_id: "text", time: "time", severity: "text", title: "text", text: "text" },
    rows: async function* ({ database }, { id, number }) {
      const alerts = await readAlerts(database, number);
      yield alerts.map(({ ms, severity, title, text }) => [id, ms, severity, title, text]);
    },
  },
  {
    name: "files",
    columns: { run_id: "text", path: "text", bytes: "whole" },
    rows: async function* ({ artifacts }, { id, number, client }) {
      if (client !== "wandb") return;
      for await (const { path, bytes } of listWandbFiles(artifacts, number)) yield [[id, path, bytes]];
    },
  },
];

/** All tables, in the order in which they are created. */
const tables: readonly Table[] = [
  {
    name: "runs",
    columns: {
      run_id: "text",
      project: "text",
      name: "text",
      status: "text",
      client: "text",
      person: "text",
      purpose: "text",
      started: "time",
      ended: "time",
      fingerprint: "text",
      spent_micro_usd: "whole",
    },
    rows: async function* (_, run) {
      const { id, projectName, name, status, client, person, purpose, startedMs, endedMs } = run;
      yield [
        [
          id,
          projectName,
          name,
          status,
          client,
          person,
          purpose,
          startedMs,
          endedMs,
          run.fingerprint,
          run.spentMicroUsd,
        ],
      ];
    },
  },
  {
    name: "params",
    columns: { run_id: "text", key: "text", value: "text" },
    rows: async function* (_, { id, params }) {
      yield params.map(({ key, value }) => [id, key, value]);
    },
  },
  {
    name: "tags",
    columns: { run_id: "text", key: "text", value: "text" },
    rows: async function* (_, { id, tags }) {
      yield tags.map(({ key, value }) => [id, key, value]);
    },
  },
  {
    name: "metrics",
    columns: { run_id: "text", key: "text", step: "whole", time: "time", value: "real" },
    rows: async function* ({ database: reader }, { id, number }) {
      for await (const points of readStoredPoints(reader, number))
        yield points.map(({ key, step, ms, value }) => [id, key, step, ms, value]);
    },
  },
  {
    name: "spend",
    columns: {
      run_id: "text",
      time: "time",
      kind: "text",
      micro_usd: "whole",
      seconds: "real",
      quantity: "real",
      unit: "text",
      price_micro_usd_per_hour: "whole",
      price_source: "text",
    },
    rows: async function* ({ database: reader }, { id, number }) {
      const rows = await reader.all("SELECT * FROM spend WHERE run = ? ORDER BY sequence", number);
      yield rows.map((row) => [
        id,
        ...[Number(row["ms"]), String(row["kind"]), Number(row["micro_usd"]), Number(row["seconds"])],
        ...[Number(row["quantity"]), String(row["unit"]), Number(row["price_micro_usd_per_hour"])],
        String(row["price_source"]),
      ]);
    },
  },
  ...wandbTables,
];
