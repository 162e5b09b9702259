/**
 * @file Reads Arrow files of both kinds: streams, as `datasets.save_to_disk` writes them, and random access (Feather).
 * The only file that imports the decoder, an optional package, and only when a file is Arrow.
 */

import { withDeadline } from "@tunewise/core/untrusted";
import type { Column, Table } from "@uwdata/flechette";
import { loadPackage, problem, TunewiseError } from "../../problem/index.ts";
import { clauseOf, expansionCheck } from "../expansion.ts";
import { MAX_ROWS, MAX_STREAMED_FILE_BYTES } from "../limits.ts";
import { openDataFile, tooLarge } from "../open-file.ts";
import { type RawRow, rowOfColumns } from "../record.ts";
import { openZstd } from "../unpack.ts";
import { type ColumnBatch, checkBatch, checkDictionary, type Unpack } from "./check-batch.ts";
import { unpackLz4Frame } from "./lz4-frame.ts";
import { type ArrowMessage, checkParts, checkSchema, readMessages } from "./messages.ts";

/** Rows yielded together. */
const ROWS_PER_READ = 8_192;
/** Max. seconds to decode a message. */
const MAX_DECODE_SECONDS = 60;
/** Max. unpacked bytes of a message whose parts are compressed. */
const MAX_UNPACKED_BYTES = 2 ** 30;
/** Max. bytes of all dictionaries, which stay in memory. */
const MAX_DICTIONARY_BYTES = 2 ** 28;

/**
 * Reads the rows of an Arrow file, numbered from 1, one record batch at a time.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`, `PACKAGE_MISSING`
 */
export async function* readArrow(path: string, shown: string): AsyncGenerator<RawRow[]> {
  const decode = await openDecoder();
  const file = await openDataFile(path, shown);
  let batches = 0;
  try {
    const { size } = await file.stat();
    if (size > MAX_STREAMED_FILE_BYTES) throw tooLarge(shown, size, MAX_STREAMED_FILE_BYTES);
    const check = expansionCheck(size);
    let rows = 0;
    for await (const message of readMessages(file, size)) {
      const columns = withDeadline(MAX_DECODE_SECONDS, () => decode(message));
      if (columns === null) continue;
      batches++;
      for (let from = 0; from < columns.rows; from += ROWS_PER_READ) {
        const count = Math.min(ROWS_PER_READ, columns.rows - from);
        const objects = withDeadline(MAX_DECODE_SECONDS, () => columns.read(from, count, check));
        yield objects.map((object, index) => rowOfColumns({ row: rows + index + 1 }, object));
        rows += count;
      }
    }
  } catch (cause) {
    if (TunewiseError.is(cause)) throw cause;
    const place =
      batches === 0 ? "its start is damaged" : `what follows its record batch ${batches} is damaged`;
    const isForeign = cause instanceof Error && cause.message.startsWith("BigInt");
    const reason = `not whole Arrow (${isForeign ? place : clauseOf(cause, place)})`;
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason }, { cause });
  } finally {
    await file.close();
  }
}

/** A record batch whose lengths and offsets are checked. */
interface CheckedBatch {
  readonly rows: number;
  readonly read: (from: number, count: number, check: (row: unknown) => void) => object[];
}

/** Returns a function that takes the messages of a file in order and decodes those with rows. */
async function openDecoder(): Promise<(message: ArrowMessage) => CheckedBatch | null> {
  const load = () => import("@uwdata/flechette");
  const { tableFromIPC, setCompressionCodec } = await loadPackage("@uwdata/flechette", "An Arrow file", load);
  const unzstd = await openZstd();
  let unpacked = 0;
  const unpack: Unpack = (packed, codec, length) => {
    unpacked += length;
    if (!(length >= 0 && unpacked <= MAX_UNPACKED_BYTES)) throw new Error(`a part claims ${length} bytes`);
    return codec === 0 ? unpackLz4Frame(packed, length) : unzstd(packed, length);
  };
  let types = new Map<number, number>();
  let before: Uint8Array[] = [];
  let dictionaryBytes = 0;
  return ({ kind, bytes, header, body }) => {
    unpacked = 0;
    if (kind === "schema") {
      if (before.length > 0) throw new Error("it has two schemas");
      types = checkSchema(header);
      before = [bytes];
      return null;
    }
    if (before.length === 0) throw new Error("it has no schema");
    if (kind === "dictionary") {
      dictionaryBytes += bytes.length;
      if (dictionaryBytes > MAX_DICTIONARY_BYTES)
        throw new Error(`its dictionaries have more than ${MAX_DICTIONARY_BYTES} bytes`);
      checkDictionary(header, body, types.get(header.long(0)) ?? 0, unpack);
      before.push(bytes);
      return null;
    }
    checkParts(header);
    for (const codec of [0, 1] as const)
      setCompressionCodec(codec, {
        decode: (packed, length) => unpack(packed, codec, length),
        encode: notEncoded,
      });
    const table = tableFromIPC([...before, bytes], { useBigInt: true, useDate: true });
    return checkedBatch(table, header.long(0));
  };
}

/** The decoder's codecs have two directions, of which reading needs one. */
function notEncoded(): never {
  throw new Error("Internal: nothing is written as Arrow");
}

function checkedBatch(table: Table, rows: number): CheckedBatch {
  if (!(rows >= 0 && rows <= MAX_ROWS)) throw new Error(`a record batch claims ${rows} rows`);
  const names = table.names.map(String);
  const columns = table.children as readonly Column<unknown>[];
  for (const column of columns) {
    if (column.length !== rows) throw new Error(`a column has ${column.length} values for ${rows} rows`);
    for (const batch of column.data) checkBatch(batch as unknown as ColumnBatch);
  }
  return {
    rows,
    read: (from, count, check) =>
      Array.from({ length: count }, (_, index) => {
        const row = Object.fromEntries(names.map((name, at) => [name, plain(columns[at]?.at(from + index))]));
        check(row);
        return row;
      }),
  };
}

/** A value without typed arrays, which are lists of numbers; bytes remain bytes. */
function plain(value: unknown): unknown {
  if (value === undefined) throw new Error("a column has fewer values than rows");
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value))
    return value instanceof Uint8Array
      ? new Uint8Array(value)
      : Array.from(value as unknown as ArrayLike<number>);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
