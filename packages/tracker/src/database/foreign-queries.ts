/**
 * @file Executes untrusted statements, such as those a model wrote, on a SQLite file that they cannot change. Answers
 * are passed between processes as lines of JSON.
 */
import { problem } from "../problem/index.ts";
import type { SqlValue } from "./database.ts";
import { loadDriver } from "./sqlite.ts";

/** Result of a statement: rows as arrays in column order, or the reason why there are none. */
export type QueryAnswer =
  | { readonly rows: readonly (readonly (SqlValue | boolean)[])[] }
  | { readonly error: string };

/** Limits of one statement. Its run time is limited by the caller, which ends the process that executes it. */
interface QueryLimits {
  readonly rows: number;
  /** Size of a result in bytes: its texts and blobs, and eight for each number. */
  readonly bytes: number;
  /** Heap limit of SQLite, in bytes. */
  readonly memory: number;
}

/** An open file. */
interface ForeignQueries {
  /** Executes one statement. Errors are returned in the answer. */
  run(statement: string): QueryAnswer;
  close(): void;
}

/**
 * Opens a file read-only: statements cannot write, load an extension or open another file.
 *
 * Text in double quotes that does not name a column is a literal, as in SQLite's own shell. The references of most
 * text-to-SQL data sets rely on this.
 *
 * @throws {TunewiseError} `SQL_DATABASE_UNREADABLE`, `STORE_DRIVER_MISSING`
 */
export async function openForeignQueries(path: string, limits: QueryLimits): Promise<ForeignQueries> {
  const { DatabaseSync } = await loadDriver();
  const open = (): InstanceType<typeof DatabaseSync> => {
    const connection = new DatabaseSync(path, {
      readOnly: true,
      allowExtension: false,
      enableDoubleQuotedStringLiterals: true,
    });
    connection.exec(
      `PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA hard_heap_limit = ${limits.memory}`,
    );
    // Fails if the file is not a database.
    connection.prepare("SELECT count(*) FROM sqlite_schema").get();
    return connection;
  };
  let connection: ReturnType<typeof open>;
  try {
    connection = open();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw problem("SQL_DATABASE_UNREADABLE", { path, reason }, { cause });
  }
  return {
    run: (statement) => {
      // Only queries: ATTACH could open another file, and PRAGMA could lift the limits.
      if (!/^(select|with|values)\b/i.test(afterComments(statement))) return { error: "not a query" };
      try {
        const prepared = connection.prepare(statement);
        // The driver compiles only the first statement of a text and does not report the rest.
        if (!isBlank(statement.slice(endOfFirst(statement)))) return { error: "more than one statement" };
        return { rows: rowsOf(prepared, limits) };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => connection.close(),
  };
}

/** A statement without leading comments; `""` if a comment never ends. */
function afterComments(statement: string): string {
  for (let rest = statement.trimStart(); ; ) {
    const end = rest.startsWith("--") ? "\n" : rest.startsWith("/*") ? "*/" : null;
    if (end === null) return rest;
    const at = rest.indexOf(end, 2);
    if (at < 0) return "";
    rest = rest.slice(at + end.length).trimStart();
  }
}

/** Quoted text (a doubled quote reads as two adjacent texts), quoted names, comments, and statement terminators. */
const enclosed = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[;\0]/g;

/**
 * Offset at which the first statement of a valid text ends: a semicolon outside quotes and comments, or a NUL byte,
 * where SQLite stops reading.
 *
 * @source sqlite.org/src src/tokenize.c, sqlite3GetToken
 */
function endOfFirst(statement: string): number {
  for (const { 0: part, index } of statement.matchAll(enclosed)) {
    if (part === ";" || part === "\0") return index;
  }
  // A NUL byte ends the text even inside quotes.
  return statement.includes("\0") ? statement.indexOf("\0") : statement.length;
}

/** Whether a text contains only blanks, comments and semicolons. */
function isBlank(text: string): boolean {
  let rest = afterComments(text);
  while (rest.startsWith(";")) rest = afterComments(rest.slice(1));
  return rest === "";
}

/** The used part of a driver's statement. Older drivers return rows as objects only. */
interface Statement {
  iterate(): Iterable<unknown>;
  setReadBigInts(isOn: boolean): void;
  setReturnArrays?(isOn: boolean): void;
}

function rowsOf(statement: Statement, { rows: most, bytes: maxBytes }: QueryLimits): SqlValue[][] {
  statement.setReadBigInts(true);
  statement.setReturnArrays?.(true);
  const rows: SqlValue[][] = [];
  let bytes = 0;
  for (const found of statement.iterate()) {
    if (rows.length === most) throw new RangeError(`more than ${most} rows`);
    const row = (Array.isArray(found) ? found : Object.values(found as object)) as SqlValue[];
    for (const value of row) bytes += bytesOf(value);
    if (bytes > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
    rows.push(row);
  }
  return rows;
}

function bytesOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.length : 8;
}

/** Encodes an answer as JSON. Blobs, and integers beyond JSON's range, become objects. */
export function encodeAnswer(answer: QueryAnswer): string {
  return JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value === "bigint") {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : { whole: String(value) };
    }
    return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString("hex") } : value;
  });
}

/** Decodes an answer from a line of JSON. */
export function decodeAnswer(line: string): QueryAnswer {
  return JSON.parse(line, (_, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if ("whole" in value) return BigInt(String(value.whole));
    return "bytes" in value ? new Uint8Array(Buffer.from(String(value.bytes), "hex")) : value;
  }) as QueryAnswer;
}
