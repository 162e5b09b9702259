/**
 * @file Reads Parquet files. The only file that imports `hyparquet` and its decompressors, and only when a file is
 * Parquet: the program that checks rows on a cluster's nodes runs without packages.
 */
import { setImmediate } from "node:timers/promises";
import { countOf } from "@tunewise/core/quantity";
import type { AsyncBuffer, Compressors } from "hyparquet";
import { problem } from "../problem/index.ts";
import { clauseOf, expansionCheck } from "./expansion.ts";
import { MAX_PARQUET_FILE_BYTES, MAX_PARQUET_PAGE_BYTES, MAX_ROWS } from "./limits.ts";
import { openDataFile, tooLarge } from "./open-file.ts";
import { type RawRow, rowOfColumns } from "./record.ts";

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
  const file = await openDataFile(path, shown);
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

async function* readRowRanges(opened: AsyncBuffer, shown: string): AsyncGenerator<RawRow[]> {
  const { file, failed, fail } = untilFailure(opened);
  let place = `the footer of its ${file.byteLength} bytes`;
  const damaged = (cause: unknown): never => {
    fail(cause);
    const reason = `not whole Parquet (${clauseOf(cause, `${place} is damaged`)})`;
    throw problem("DATA_FILE_UNREADABLE", { file: shown, reason }, { cause });
  };
  if (file.byteLength < 12) damaged(new Error(`${file.byteLength} bytes are too few`));
  const { parquetMetadataAsync, parquetReadObjects } = await import("hyparquet");
  const compressors = boundedCompressors((await import("hyparquet-compressors")).compressors);
  const metadata = await parquetMetadataAsync(opened).catch(damaged);
  const rows = Number(metadata.num_rows);
  if (!(rows >= 0 && rows <= MAX_ROWS)) damaged(new Error(`the header claims ${countOf(rows, "row")}`));
  const check = expansionCheck(file.byteLength);
  for (let rowStart = 0; rowStart < rows; rowStart += ROWS_PER_READ) {
    const rowEnd = Math.min(rows, rowStart + ROWS_PER_READ);
    place = `a page with rows ${rowStart + 1} to ${rowEnd} of ${rows}`;
    const options = { file, metadata, compressors, rowStart, rowEnd, useOffsetIndex: true };
    const objects: object[] = await Promise.race([parquetReadObjects(options), failed]).catch(damaged);
    if (objects.length !== rowEnd - rowStart)
      damaged(new Error(`rows ${rowStart}-${rowEnd} are not all there`));
    try {
      objects.forEach(check);
    } catch (cause) {
      damaged(cause);
    }
    yield objects.map((object, index) => rowOfColumns({ row: rowStart + index + 1 }, object));
  }
}

/**
 * A file whose reads never settle after the first failure. The decoder starts all columns at once and abandons the rest
 * after a failure; their rejections would end the process.
 */
function untilFailure(opened: AsyncBuffer): {
  readonly file: AsyncBuffer;
  /** Rejects with the first failure. */
  readonly failed: Promise<never>;
  readonly fail: (cause: unknown) => void;
} {
  const first = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    first.signal.addEventListener("abort", () => reject(first.signal.reason));
  });
  failed.catch(() => undefined);
  const fail = (cause: unknown): void => first.abort(cause);
  const slice = async (start: number, end?: number): Promise<ArrayBuffer> => {
    const [read] = await Promise.allSettled([opened.slice(start, end), setImmediate()]);
    if (read.status === "rejected") fail(read.reason);
    return read.status === "fulfilled" && !first.signal.aborted ? read.value : new Promise(() => undefined);
  };
  return { file: { byteLength: opened.byteLength, slice }, failed, fail };
}

/** Decompressors that check the declared size first: a few bytes can claim to be gigabytes. */
function boundedCompressors(compressors: Compressors): Compressors {
  const bounded = Object.entries(compressors).map(([codec, decompress]) => {
    const decompressBounded = (input: Uint8Array, outputLength: number): Uint8Array => {
      if (outputLength > MAX_PARQUET_PAGE_BYTES) throw new Error(`a page claims ${outputLength} bytes`);
      if (decompress === undefined) throw new Error(`${codec} is not supported`);
      return decompress(input, outputLength);
    };
    return [codec, decompressBounded];
  });
  return Object.fromEntries(bounded);
}
