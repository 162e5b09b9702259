/**
 * @file Reads the messages of an Arrow file one by one and checks what they declare before allocating anything. A file
 * of either kind, stream or random access, is a stream of messages behind its magic number.
 *
 * @source apache/arrow docs/source/format/Columnar.rst, "Encapsulated message format" and "IPC File Format"
 */

import type { FileHandle } from "node:fs/promises";
import { MAX_COLUMNS } from "../limits.ts";
import { type FlatTable, flatRoot } from "./flatbuffer.ts";

/** Max. bytes of a message's metadata: schemas carry descriptions of their own in it. */
const MAX_METADATA_BYTES = 16 * 2 ** 20;
/** Max. bytes of a message's body. It is loaded as a whole, since its columns lie behind each other. */
const MAX_BODY_BYTES = 2 ** 30;

/** Kinds of messages, by their number in `Message.fbs`. */
const kinds = { 1: "schema", 2: "dictionary", 3: "rows" } as const;

/** A message: all its bytes, its metadata, and its body. */
export interface ArrowMessage {
  readonly kind: (typeof kinds)[keyof typeof kinds];
  readonly bytes: Uint8Array;
  readonly header: FlatTable;
  readonly body: Uint8Array;
}

const magic = "ARROW1";

/**
 * Reads all messages in order. A stream must end with its end mark, and a random access file with its magic number, so
 * that a truncated file is never read as a shorter one.
 *
 * @throws {Error} for messages that do not fit into the file or exceed a limit, and for a missing end
 */
export async function* readMessages(file: FileHandle, size: number): AsyncGenerator<ArrowMessage> {
  const isRandomAccess = (await bytesAt(file, 0, Math.min(6, size))).toString("latin1") === magic;
  if (isRandomAccess && (await bytesAt(file, size - 6, 6)).toString("latin1") !== magic)
    throw new Error("its end is missing");
  let at = isRandomAccess ? 8 : 0;
  for (;;) {
    if (at + 8 > size) throw new Error("it ends without an end mark");
    const start = await bytesAt(file, at, 8);
    // before version 0.15, the length came first
    const prefix = start.readInt32LE(0) === -1 ? 8 : 4;
    const length = start.readInt32LE(prefix - 4);
    if (length === 0) return;
    if (length < 0 || length > MAX_METADATA_BYTES)
      throw new Error(`a message claims ${length} bytes of metadata`);
    if (at + prefix + length > size) throw new Error("a message is longer than the file");
    const metadata = flatRoot(await bytesAt(file, at + prefix, length));
    const bodyBytes = metadata.long(3);
    if (!(bodyBytes >= 0 && bodyBytes <= MAX_BODY_BYTES))
      throw new Error(`a message claims ${bodyBytes} bytes`);
    const total = prefix + length + bodyBytes;
    if (at + total > size) throw new Error("a message is longer than the file");
    const kind = kinds[metadata.byte(1) as keyof typeof kinds];
    const header = metadata.table(2);
    if (kind === undefined || header === null) throw new Error("a message is of an unknown kind");
    const bytes = await bytesAt(file, at, total);
    yield { kind, bytes, header, body: bytes.subarray(prefix + length) };
    at += total;
  }
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  // aligned for typed arrays, unlike parts of a pool
  const bytes = Buffer.from(new ArrayBuffer(length));
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead !== length) throw new Error("the file ends early");
  return bytes;
}

/** Max. nesting of columns. */
const MAX_DEPTH = 64;
/** Max. decimal places: as many as 256 bits hold. */
const MAX_SCALE = 76;
/** Kinds of columns whose description the check below has to read. @source apache/arrow format/Schema.fbs */
const [decimal, union] = [7, 14];

/**
 * Checks a schema and returns the kind of values of each dictionary by id.
 *
 * @throws {Error} for too many columns or levels: a few bytes can describe billions by sharing their parts
 */
export function checkSchema(schema: FlatTable): Map<number, number> {
  const types = new Map<number, number>();
  let fields = 0;
  const visit = (tables: readonly FlatTable[], depth: number): void => {
    fields += tables.length;
    if (fields > MAX_COLUMNS || depth > MAX_DEPTH) throw new Error(`it has more than ${MAX_COLUMNS} columns`);
    for (const field of tables) {
      const type = field.byte(2);
      if (type === union) throw new Error("columns of several types (unions) are not supported");
      const scale = type === decimal ? (field.table(3)?.int(1) ?? 0) : 0;
      if (scale < 0 || scale > MAX_SCALE) throw new Error(`a column has ${scale} decimal places`);
      const dictionary = field.table(4);
      if (dictionary !== null) types.set(dictionary.long(0), type);
      field.items(6, 4);
      visit(field.tables(5), depth + 1);
    }
  };
  if (schema.byte(0) !== 0) throw new Error("its numbers are big-endian, which is not supported");
  schema.items(2, 4);
  visit(schema.tables(1), 0);
  return types;
}

/**
 * Checks the description of a batch of values.
 *
 * @throws {Error} for lists of parts that are longer than the description, and for more parts than it lists
 */
export function checkParts(batch: FlatTable): void {
  batch.items(1, 16);
  const { count: parts } = batch.items(2, 16);
  const { from, count } = batch.items(4, 8);
  for (let at = 0; at < count; at++) {
    const views = batch.longAt(from + 8 * at);
    if (!(views >= 0 && views <= parts)) throw new Error(`a column claims ${views} parts`);
  }
}
