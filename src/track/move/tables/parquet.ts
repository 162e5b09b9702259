/**
 * @file Tables as Parquet, a group of rows at a time. The one file that imports the writer.
 */
import { fileWriter, ParquetWriter, type SchemaElement, type Writer } from "hyparquet-writer";
import type { Cell, ColumnKind, Table } from "./table.ts";

/** Rows of a group: a few megabytes. */
const groupRows = 100_000;

const types: Readonly<Record<ColumnKind, Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  whole: { type: "INT64", repetition_type: "OPTIONAL" },
  real: { type: "DOUBLE", repetition_type: "OPTIONAL" },
  time: { type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type: "OPTIONAL" },
};

/** A file that takes rows until it is closed; without its close it is none that a reader would take. */
export interface ParquetFile {
  add(rows: readonly (readonly Cell[])[]): Promise<void>;
  close(): Promise<void>;
}

/** Begins a file; what was there is replaced. */
export function createParquetFile(path: string, { columns }: Table): ParquetFile {
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
