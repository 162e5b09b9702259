/** @file The embedding and head tables: float32, or bfloat16 where products read that format. */

import type { MatrixFormat } from "../jit/operator-kinds.ts";
import { narrowToBFloat16, type WeightFiles, widenBFloat16 } from "../weights/index.ts";

/** Rows `[V, D]` of float32, or of bfloat16. */
export type Table = Float32Array | Uint16Array;

/** The format in which programs read a table. */
export function tableFormat(table: Table): MatrixFormat {
  return table instanceof Uint16Array ? "bfloat16" : "float32";
}

/** The values of a table as float32. */
export function tableValues(table: Table): Float32Array {
  if (table instanceof Float32Array) return table;
  return widenBFloat16(new Uint8Array(table.buffer, table.byteOffset, table.byteLength));
}

/** Reads a table in a format; values are rounded to bfloat16 unless the files already store it. */
export async function readTable(files: WeightFiles, name: string, format: MatrixFormat): Promise<Table> {
  if (format !== "bfloat16") return files.read(name);
  const isNarrow = files.weights.get(name)?.stored === "BF16";
  const found = isNarrow ? await files.readStored(name) : null;
  return found?.stored === "BF16" ? found.bits : narrowToBFloat16(await files.read(name));
}

/** Copies rows of a table as float32, one after the other. */
export function copyRows(table: Table, rows: Int32Array, width: number, into: Float32Array): Float32Array {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let at = 0; at < rows.length; at++) {
    const from = (rows[at] as number) * width;
    if (table instanceof Float32Array) into.set(table.subarray(from, from + width), at * width);
    else {
      // bfloat16 is the upper half of float32
      for (let place = 0; place < width; place++)
        bits[at * width + place] = (table[from + place] as number) << 16;
    }
  }
  return into;
}
