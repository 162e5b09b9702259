/** @file Groups lines into gzipped parts of an archive. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { parseJson } from "@tunewise/core/untrusted";
import type { ColumnType, SqlRow, SqlValue } from "../database/database.ts";
import type { ArchiveSink } from "./archive-sink.ts";
import { type ArchivePart, maxPartBytes } from "./manifest.ts";
import { NotAnArchive } from "./tar.ts";

/** A part is packed once its lines reach this size. */
const partBytes = 2 * 1024 ** 2;

const [pack, unpack] = [promisify(gzip), promisify(gunzip)];

/** Receives the lines of one table. */
export interface PartWriter {
  add(line: string): Promise<void>;
  /** Writes the remaining lines, and returns all parts. */
  end(): Promise<ArchivePart[]>;
}

/** @param name returns the name of the part with an index from 0 */
export function partWriter(sink: ArchiveSink, name: (at: number) => string): PartWriter {
  const parts: ArchivePart[] = [];
  let [lines, letters] = [[] as string[], 0];
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    const [rows, content] = [lines.length, Buffer.from(`${lines.join("\n")}\n`)];
    [lines, letters] = [[], 0];
    const packed = await pack(content);
    if (content.length > maxPartBytes) throw new Error("Internal: a row too large for an archive");
    const sha256 = await sink.add(name(parts.length), packed);
    parts.push({ rows, bytes: content.length, packed_bytes: packed.length, sha256 });
  };
  return {
    add: async (line) => {
      lines.push(line);
      letters += line.length;
      if (letters >= partBytes) await flush();
    },
    end: async () => {
      await flush();
      return parts;
    },
  };
}

/**
 * The lines of a part. The digest is verified before unpacking, which stops at the recorded size.
 *
 * @throws {NotAnArchive}
 */
export async function readPart(name: string, packed: Buffer, part: ArchivePart): Promise<Iterable<string>> {
  const isWhole =
    packed.length === part.packed_bytes && createHash("sha256").update(packed).digest("hex") === part.sha256;
  if (!isWhole) throw new NotAnArchive(`${name} is damaged`);
  const content = await unpack(packed, { maxOutputLength: Math.max(1, part.bytes) }).catch(() => null);
  if (content?.length !== part.bytes || countLines(content) !== part.rows) {
    throw new NotAnArchive(`${name} does not hold what the manifest says`);
  }
  return linesIn(content);
}

/** Number of lines; -1 if the last one does not end in a line break. */
function countLines(content: Buffer): number {
  let [count, from] = [0, 0];
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, from))
    [count, from] = [count + 1, at + 1];
  return from === content.length ? count : -1;
}

/** A generator, because an array of the lines of a part that is almost only line breaks would take gigabytes. */
function* linesIn(content: Buffer): Generator<string> {
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf(10, from);
    yield content.toString("utf8", from, end);
    from = end + 1;
  }
}

/** Column types, in column order. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** The SELECT list whose rows `lineOf` expects: integers are read as text, because drivers round large ones. */
export function selectList(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => (type === "integer" ? `CAST(${name} AS TEXT) AS ${name}` : name))
    .join(", ");
}

/** A row as one line, without the line break. */
export function lineOf(columns: Columns, row: SqlRow): string {
  const values = Object.entries(columns).map(([name, type]) => {
    const value = row[name] ?? null;
    if (value === null) return null;
    if (type === "integer") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    if (type === "real") return realWord(Number(value));
    return String(value);
  });
  return JSON.stringify(values);
}

function realWord(value: number): number | string {
  return Object.is(value, -0) ? "-0" : Number.isFinite(value) ? value : String(value);
}

const oddReals: ReadonlyMap<unknown, number> = new Map([
  ["-0", -0],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** The values of a line; `null` if the line does not match the columns. */
export function valuesOf(columns: Columns, line: string): SqlValue[] | null {
  const types = Object.values(columns);
  let read: unknown;
  try {
    read = parseJson(line);
  } catch {
    return null;
  }
  if (!Array.isArray(read) || read.length !== types.length) return null;
  const values: SqlValue[] = [];
  for (const [at, type] of types.entries()) {
    const value = read[at] === null ? null : checkedValue(type, read[at]);
    if (value === undefined) return null;
    values.push(value);
  }
  return values;
}

function checkedValue(type: ColumnType, value: unknown): SqlValue | undefined {
  switch (type) {
    case "text":
      return typeof value === "string" && !/\p{Surrogate}/u.test(value) ? value : undefined;
    case "real":
      return typeof value === "number" ? value : oddReals.get(value);
    case "integer":
      if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
      return typeof value === "string" && isInteger64(value) ? value : undefined;
  }
}

function isInteger64(digits: string): boolean {
  return /^-?\d{1,19}$/.test(digits) && BigInt.asIntN(64, BigInt(digits)) === BigInt(digits);
}
