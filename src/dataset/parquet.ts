/** @file Reads Parquet files. The only file that imports `hyparquet` and its decompressors. */
import { type AsyncBuffer, type Compressors, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { problem } from "../problem/index.ts";
import { countOf } from "../quantity/index.ts";
import { openRegularFile } from "../untrusted/index.ts";
import { MAX_PARQUET_FILE_BYTES, MAX_PARQUET_PAGE_BYTES, MAX_ROWS } from "./limits.ts";
import { foreignFileError, tooLarge } from "./open-file.ts";
import { type RawRow, rowOf } from "./record.ts";

/** Max. decoded characters per byte of the file; repetitive files reach several hundred. */
const MAX_EXPANSION = 1_000;
/** Characters that are always allowed. */
const MIN_EXPANDED: number = 64 * 2 ** 20;
/** Overhead of a row in characters. */
const ROW_UNITS = 100;
/** Rows decoded together: few enough for memory, many enough to amortize page headers. */
const ROWS_PER_READ = 8_192;

/**
 * Reads the rows of a Parquet file, numbered from 1.
 *
 * A page that cannot be decoded is an error, since no row after it can be trusted.
 *
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function* readParquet(path: string, shown: string): AsyncGenerator<RawRow[]> {
  const file = await openRegularFile(path).catch((cause: unknown) => {
    throw foreignFileError(shown, cause);
  });
  try {
    const { size } = await file.stat();
    if (size > MAX_PARQUET_FILE_BYTES) throw tooLarge(shown, size, MAX_PARQUET_FILE_BYTES);
    const buffer: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size): Promise<ArrayBuffer> {
        if (start < 0 || end > size || start > end) throw new Error(`bytes ${start}-${end} of ${size}`);
        const bytes = new Uint8Array(end - start);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
        if (bytesRead !== bytes.length) throw new Error(`the file ends before byte ${end}`);
        return bytes.buffer;
      },
    };
    yield* readRowRanges(buffer, shown);
  } finally {
    await file.close();
  }
}

async function* readRowRanges(file: AsyncBuffer, shown: string): AsyncGenerator<RawRow[]> {
  const damaged = (cause: unknown): never => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw problem(
      "DATA_FILE_UNREADABLE",
      { file: shown, reason: `not whole Parquet (${reason})` },
      { cause },
    );
  };
  if (file.byteLength < 12) damaged(new Error(`${file.byteLength} bytes are too few`));
  const metadata = await parquetMetadataAsync(file).catch(damaged);
  const rows = Number(metadata.num_rows);
  if (!(rows >= 0 && rows <= MAX_ROWS)) damaged(new Error(`the header claims ${countOf(rows, "row")}`));
  const maxUnits = Math.max(MIN_EXPANDED, MAX_EXPANSION * file.byteLength);
  let total = 0;
  for (let rowStart = 0; rowStart < rows; rowStart += ROWS_PER_READ) {
    const rowEnd = Math.min(rows, rowStart + ROWS_PER_READ);
    const options = {
      file,
      metadata,
      compressors: boundedCompressors,
      rowStart,
      rowEnd,
      useOffsetIndex: true,
    };
    const objects: unknown[] = await parquetReadObjects(options).catch(damaged);
    if (objects.length !== rowEnd - rowStart)
      damaged(new Error(`rows ${rowStart}-${rowEnd} are not all there`));
    total += objects.reduce((sum: number, object) => sum + unitsOf(object), 0);
    if (total > maxUnits)
      damaged(new Error(`${file.byteLength} bytes hold more than ${maxUnits} characters`));
    yield objects.map((object, index) => rowOf({ row: rowStart + index + 1 }, object));
  }
}

/** Approximate size of a row in characters; dictionary encoding can expand a few bytes into millions of rows. */
function unitsOf(row: unknown): number {
  let units = ROW_UNITS;
  for (const value of Object.values(row as object)) units += typeof value === "string" ? value.length : 1;
  return units;
}

/** Decompressors that check the declared size first: a few bytes can claim to be gigabytes. */
const boundedCompressors: Compressors = Object.fromEntries(
  Object.entries(compressors as Compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputLength: number): Uint8Array => {
      if (outputLength > MAX_PARQUET_PAGE_BYTES) throw new Error(`a page claims ${outputLength} bytes`);
      if (decompress === undefined) throw new Error(`${codec} is not supported`);
      return decompress(input, outputLength);
    },
  ]),
);
