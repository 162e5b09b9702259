/**
 * @file Cuts a file into records (lines, or CSV rows) without holding more than one of them.
 */
import { isUtf8 } from "node:buffer";
import { openRegularFile } from "../untrusted/index.ts";
import type { Complaint } from "./complaint.ts";
import { MAX_LINE_BYTES, MAX_STREAMED_FILE_BYTES } from "./limits.ts";
import { foreignFileError, tooLarge } from "./open-file.ts";
import { type TextEncoding, utf8Chunks } from "./text-encoding.ts";

/** The text of one record without its line end, or why it has none. Empty records are left out and not counted; `line` is its first. */
export type FileRecord =
  | { readonly number: number; readonly line: number; readonly text: string }
  | { readonly number: number; readonly line: number; readonly complaint: Complaint };

/** Finds the byte that ends the record which runs at `from`, or -1; keeps its state between chunks. */
export interface RecordEnds {
  next(chunk: Uint8Array, from: number): number;
}

/** Records end at each line feed. */
export function lineEnds(): RecordEnds {
  return { next: (chunk, from) => chunk.indexOf(0x0a, from) };
}

const LINE_FEED = 0x0a;

const CHUNK_BYTES = 2 ** 20;

/** How a file is cut. */
export interface RecordOptions {
  readonly maxRecordBytes?: number;
  readonly encoding?: TextEncoding;
}

/**
 * The records of a file in batches, one batch per chunk read.
 *
 * Record ends are looked for in UTF-8, which other encodings become first. A byte order mark at the start and a
 * carriage return at the end of a record are dropped. A record that is too long or is not UTF-8 comes as a complaint,
 * and reading goes on behind it.
 *
 * @param path file to open
 * @param shown the file as the user wrote it, for messages
 * @throws {TunewiseError} `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`, `DATA_FILE_TOO_LARGE`
 */
export async function* readRecords(
  path: string,
  shown: string,
  ends: RecordEnds,
  { maxRecordBytes = MAX_LINE_BYTES, encoding = "utf-8" }: RecordOptions = {},
): AsyncGenerator<FileRecord[]> {
  const file = await openRegularFile(path).catch((cause: unknown) => {
    throw foreignFileError(shown, cause);
  });
  try {
    const { size } = await file.stat();
    if (size > MAX_STREAMED_FILE_BYTES) throw tooLarge(shown, size, MAX_STREAMED_FILE_BYTES);
    const cutter = recordCutter(ends, maxRecordBytes);
    const text = utf8Chunks(encoding);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null).catch((cause: unknown) => {
        throw foreignFileError(shown, cause);
      });
      if (bytesRead === 0) break;
      const records = cutter.push(text.next(chunk.subarray(0, bytesRead)));
      if (records.length > 0) yield records;
    }
    const last = [...cutter.push(text.end()), ...cutter.end()];
    if (last.length > 0) yield last;
  } finally {
    await file.close();
  }
}

interface RecordCutter {
  push(chunk: Buffer): FileRecord[];
  end(): FileRecord[];
}

function recordCutter(ends: RecordEnds, maxBytes: number): RecordCutter {
  let number = 1;
  let line = 1;
  let heldBreaks = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;

  /** Adds a part of the running record; past the limit only its length is kept. */
  function hold(part: Buffer): void {
    heldBytes += part.length;
    heldBreaks += breaksIn(part);
    if (heldBytes > maxBytes) held = [];
    else held.push(Buffer.from(part));
  }

  function close(part: Buffer, into: FileRecord[]): void {
    const length = heldBytes + part.length;
    if (length > maxBytes) {
      into.push({ number: number++, line, complaint: tooLong(length, maxBytes) });
    } else {
      const record = decode(number, line, held.length === 0 ? part : Buffer.concat([...held, part]));
      if (record !== null) {
        into.push(record);
        number++;
      }
    }
    line += heldBreaks + breaksIn(part) + 1;
    held = [];
    heldBytes = 0;
    heldBreaks = 0;
  }

  return {
    push(chunk): FileRecord[] {
      const records: FileRecord[] = [];
      let from = 0;
      while (from < chunk.length) {
        const end = ends.next(chunk, from);
        if (end < 0) {
          hold(chunk.subarray(from));
          break;
        }
        close(chunk.subarray(from, end), records);
        from = end + 1;
      }
      return records;
    },
    end(): FileRecord[] {
      const records: FileRecord[] = [];
      if (heldBytes > 0) close(Buffer.alloc(0), records);
      return records;
    },
  };
}

/** Line feeds within a record, which a quoted field of a table may hold. */
function breaksIn(part: Buffer): number {
  let count = 0;
  for (let at = part.indexOf(LINE_FEED); at >= 0; at = part.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

function tooLong(bytes: number, limit: number): Complaint {
  return { code: "DATA_LINE_TOO_LONG", reason: `has ${bytes} bytes, more than ${limit}` };
}

/** The record's text, a complaint about its bytes, or `null` where it holds nothing. */
function decode(number: number, line: number, bytes: Buffer): FileRecord | null {
  let from = 0;
  let to = bytes.length;
  if (line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) from = 3;
  if (to > from && bytes[to - 1] === 0x0d) to--;
  if (from === to) return null;
  const kept = bytes.subarray(from, to);
  if (!isUtf8(kept)) {
    return {
      number,
      line,
      complaint: { code: "DATA_UTF8_INVALID", reason: "holds bytes that are not UTF-8" },
    };
  }
  return { number, line, text: kept.toString("utf8") };
}
