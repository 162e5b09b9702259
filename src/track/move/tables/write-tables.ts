/**
 * @file Runs as a folder of tables.
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Reader } from "../../database/database.ts";
import type { StoredRun } from "../stored-runs.ts";
import { csvHead, csvLines } from "./csv.ts";
import { createParquetFile } from "./parquet.ts";
import { type Cell, type Table, tables } from "./table.ts";

/** A file with the rows it got. */
export interface WrittenTable {
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
 */
export async function writeTables(
  folder: string,
  format: "csv" | "parquet",
  reader: Reader,
  runs: AsyncIterable<StoredRun>,
  onRun: (run: StoredRun) => void,
): Promise<WrittenTable[]> {
  const begin =
    format === "csv" ? createCsvFile : async (path: string, table: Table) => createParquetFile(path, table);
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
