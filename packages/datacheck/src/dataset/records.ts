/** @file Splits a file into records (lines or CSV rows) in constant memory. */
import { isUtf8 } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import type { Compression } from "@tunewise/core/format";
import { MAX_LINE_BYTES, MAX_STREAMED_FILE_BYTES } from "./limits.ts";
import { foreignFileError, openDataFile, tooLarge } from "./open-file.ts";
import type { RowIssue } from "./row-issue.ts";
import { type TextEncoding, utf8Chunks } from "./text-encoding.ts";
import { unpackedChunks } from "./unpack.ts";

/**
 * A record without its line ending, or the issue that prevented reading it; `line` is its first line. Empty records are
 * skipped and not counted.
 */
export type FileRecord =
  | { readonly number: number; readonly line: number; readonly text: string }
  | { readonly number: number; readonly line: number; readonly issue: RowIssue };

/** Finds the byte that ends the record containing `from`, or -1; stateful across chunks. */
export interface RecordEnds {
  next(chunk: Uint8Array, from: number): number;
}

/** Ends records at line feeds. */
export function lineEnds(): RecordEnds {
  return { next: (chunk, from) => chunk.indexOf(0x0a, from) };
}

const LINE_FEED = 0x0a;

const CHUNK_BYTES = 2 ** 20;

/** Options of `readRecords`. */
export interface RecordOptions {
  readonly maxRecordBytes?: number;
  readonly encoding?: TextEncoding;
  /** Of the file as a whole; its record limit and encoding apply to the unpacked bytes. */
  readonly compression?: Compression | null;
  /** Bytes to read, starting and ending at record boundaries. Numbers and lines count from its start. Default: all. */
  readonly range?: ByteRange;
  /** Called at the end with the number of records and line feeds. */
  readonly onEnd?: (records: number, lines: number) => void;
}

/** Bytes of a file. */
export interface ByteRange {
  readonly from: number;
  /** The first byte that is not read. */
  readonly to: number;
}

/**
 * Reads the records of a file, one batch per chunk.
 *
 * Other encodings are converted to UTF-8 first. A byte order mark at the start and a carriage return at the end of a
 * record are dropped. A record that is too long or not UTF-8 is returned as an issue, and reading continues after it.
 *
 * @param path path to open
 * @param shown file name as the user wrote it, for messages
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function* readRecords(
  path: string,
  shown: string,
  ends: RecordEnds,
  {
    maxRecordBytes = MAX_LINE_BYTES,
    encoding = "utf-8",
    compression = null,
    range,
    onEnd,
  }: RecordOptions = {},
): AsyncGenerator<FileRecord[]> {
  const file = await openDataFile(path, shown);
  try {
    const { size } = await file.stat();
    if (range === undefined && size > MAX_STREAMED_FILE_BYTES)
      throw tooLarge(shown, size, MAX_STREAMED_FILE_BYTES);
    const splitter = recordSplitter(ends, maxRecordBytes, (range?.from ?? 0) === 0);
    const text = utf8Chunks(encoding);
    const chunks =
      compression === null ? chunksOf(file, shown, range) : unpackedChunks(file, shown, compression);
    for await (const chunk of chunks) {
      const records = splitter.push(text.next(chunk));
      if (records.length > 0) yield records;
    }
    const last = [...splitter.push(text.end()), ...splitter.end()];
    if (last.length > 0) yield last;
    onEnd?.(...splitter.counts());
  } finally {
    await file.close();
  }
}

/** Reads the bytes of a range, or all bytes. The buffer is reused, so each chunk is valid until the next one. */
async function* chunksOf(file: FileHandle, shown: string, range?: ByteRange): AsyncGenerator<Buffer> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const { from, to } = range ?? { from: 0, to: Number.POSITIVE_INFINITY };
  for (let at = from; ; ) {
    const wanted = Math.min(CHUNK_BYTES, to - at);
    const position = range === undefined ? null : at;
    const { bytesRead } = await file.read(chunk, 0, wanted, position).catch((cause: unknown) => {
      throw foreignFileError(shown, cause);
    });
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

interface RecordSplitter {
  push(chunk: Buffer): FileRecord[];
  end(): FileRecord[];
  /** Records and line feeds so far. */
  counts(): [records: number, lines: number];
}

/** @param isStart whether a byte order mark may come first */
function recordSplitter(ends: RecordEnds, maxBytes: number, isStart: boolean): RecordSplitter {
  let number = 1;
  let line = 1;
  let pendingBreaks = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  /** Appends to the current record; beyond the limit only its length is tracked. */
  function append(part: Buffer): void {
    pendingBytes += part.length;
    pendingBreaks += breaksIn(part);
    if (pendingBytes > maxBytes) pending = [];
    else pending.push(Buffer.from(part));
  }

  function close(part: Buffer, into: FileRecord[]): void {
    const length = pendingBytes + part.length;
    if (length > maxBytes) {
      into.push({ number: number++, line, issue: tooLong(length, maxBytes) });
    } else {
      const mayHaveMark = isStart && line === 1;
      const record = decode(
        { number, line },
        mayHaveMark,
        pending.length === 0 ? part : Buffer.concat([...pending, part]),
      );
      if (record !== null) {
        into.push(record);
        number++;
      }
    }
    line += pendingBreaks + breaksIn(part) + 1;
    pending = [];
    pendingBytes = 0;
    pendingBreaks = 0;
  }

  return {
    push(chunk): FileRecord[] {
      const records: FileRecord[] = [];
      let from = 0;
      while (from < chunk.length) {
        const end = ends.next(chunk, from);
        if (end < 0) {
          append(chunk.subarray(from));
          break;
        }
        close(chunk.subarray(from, end), records);
        from = end + 1;
      }
      return records;
    },
    end(): FileRecord[] {
      const records: FileRecord[] = [];
      if (pendingBytes > 0) close(Buffer.alloc(0), records);
      return records;
    },
    counts: () => [number - 1, line - 1],
  };
}

/** Line feeds within a record, which quoted fields may contain. */
function breaksIn(part: Buffer): number {
  let count = 0;
  for (let at = part.indexOf(LINE_FEED); at >= 0; at = part.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

function tooLong(bytes: number, limit: number): RowIssue {
  return { code: "DATA_LINE_TOO_LONG", reason: `has ${bytes} bytes, more than ${limit}` };
}

/** Decodes a record, or returns an issue if it is not UTF-8, or `null` if it is empty. */
function decode(
  at: Pick<FileRecord, "number" | "line">,
  mayHaveMark: boolean,
  bytes: Buffer,
): FileRecord | null {
  let from = 0;
  let to = bytes.length;
  if (mayHaveMark && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) from = 3;
  if (to > from && bytes[to - 1] === 0x0d) to--;
  if (from === to) return null;
  const content = bytes.subarray(from, to);
  if (!isUtf8(content)) {
    return { ...at, issue: { code: "DATA_UTF8_INVALID", reason: "contains bytes that are not UTF-8" } };
  }
  return { ...at, text: content.toString("utf8") };
}
