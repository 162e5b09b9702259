/**
 * @file Statements that nobody has looked at, such as a model's, on a SQLite file that they cannot change; their
 * answers travel as lines of JSON between the process that runs them and the one that asks.
 */
import { problem } from "../problem/index.ts";
import type { SqlValue } from "./database.ts";
import { loadDriver } from "./sqlite.ts";

/** What a statement gave: rows as lists in the order of the columns, or why none. */
export type QueryAnswer =
  | { readonly rows: readonly (readonly (SqlValue | boolean)[])[] }
  | { readonly error: string };

/** Limits of one statement. How long it takes is for whoever runs it to limit: by ending the process it runs in. */
interface QueryLimits {
  readonly rows: number;
  /** Of a result, in bytes: its texts and blobs, and eight for each number. */
  readonly bytes: number;
  /** Of SQLite's own memory, in bytes. */
  readonly memory: number;
}

/** An open file. */
interface ForeignQueries {
  /** Runs one statement; whatever is wrong with it is said in the answer. */
  run(statement: string): QueryAnswer;
  close(): void;
}

/**
 * Opens a file to be read: no statement can write, load an extension or open another file.
 *
 * Text in double quotes that names no column is a literal, as in SQLite's own shell: the references of most text-to-SQL
 * sets are written so.
 *
 * @throws {TunewiseError} `SQL_DATABASE_UNREADABLE`, `STORE_DRIVER_MISSING`
 */
export async function openForeignQueries(path: string, limits: QueryLimits): Promise<ForeignQueries> {
  const { DatabaseSync } = await loadDriver();
  const open = (): InstanceType<typeof DatabaseSync> => {
    const connection = new DatabaseSync(path, {
      ...{ readOnly: true, allowExtension: false, enableDoubleQuotedStringLiterals: true },
    });
    connection.exec(
      `PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA hard_heap_limit = ${limits.memory}`,
    );
    // fails where the file is no database
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
      // ATTACH would open another file, and PRAGMA lift the limits: both begin with their name.
      if (!/^(select|with|values)\b/i.test(afterComments(statement))) return { error: "not a query" };
      try {
        const prepared = connection.prepare(statement);
        // The driver compiles the first statement of a text and does not report what it left out.
        if (!isBlank(statement.slice(endOfFirst(statement)))) return { error: "more than one statement" };
        return { rows: rowsOf(prepared, limits) };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => connection.close(),
  };
}

/** A statement from its first word on; `""` where a comment never ends. */
function afterComments(statement: string): string {
  for (let rest = statement.trimStart(); ; ) {
    const end = rest.startsWith("--") ? "\n" : rest.startsWith("/*") ? "*/" : null;
    if (end === null) return rest;
    const at = rest.indexOf(end, 2);
    if (at < 0) return "";
    rest = rest.slice(at + end.length).trimStart();
  }
}

/** Quotes (one that is doubled inside reads as two texts side by side), names, comments; and what ends a statement. */
const enclosed = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[;\0]/g;

/**
 * Where the first statement of a text that compiles ends: at a semicolon outside of quotes and comments, or at a zero
 * byte, behind which SQLite reads nothing.
 *
 * @source sqlite.org/src src/tokenize.c, sqlite3GetToken
 */
function endOfFirst(statement: string): number {
  for (const { 0: part, index } of statement.matchAll(enclosed)) {
    if (part === ";" || part === "\0") return index;
  }
  // within quotes too
  return statement.includes("\0") ? statement.indexOf("\0") : statement.length;
}

/** Whether nothing but blanks, comments and semicolons is left. */
function isBlank(text: string): boolean {
  let rest = afterComments(text);
  while (rest.startsWith(";")) rest = afterComments(rest.slice(1));
  return rest === "";
}

/** As much of a driver's statement as is needed here; older ones give rows as objects alone. */
interface Statement {
  iterate(): Iterable<unknown>;
  setReadBigInts(isOn: boolean): void;
  setReturnArrays?(isOn: boolean): void;
}

function rowsOf(statement: Statement, { rows: most, bytes: bytesMost }: QueryLimits): SqlValue[][] {
  statement.setReadBigInts(true);
  statement.setReturnArrays?.(true);
  const rows: SqlValue[][] = [];
  let bytes = 0;
  for (const found of statement.iterate()) {
    if (rows.length === most) throw new RangeError(`more than ${most} rows`);
    const row = (Array.isArray(found) ? found : Object.values(found as object)) as SqlValue[];
    for (const value of row) bytes += bytesOf(value);
    if (bytes > bytesMost) throw new RangeError(`more than ${bytesMost} bytes`);
    rows.push(row);
  }
  return rows;
}

function bytesOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.length : 8;
}

/** Bytes and whole numbers that JSON cannot carry travel as objects. */
export function encodeAnswer(answer: QueryAnswer): string {
  return JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value === "bigint") {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : { whole: String(value) };
    }
    return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString("hex") } : value;
  });
}

/** The answer in a line. */
export function decodeAnswer(line: string): QueryAnswer {
  return JSON.parse(line, (_, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if ("whole" in value) return BigInt(String(value.whole));
    return "bytes" in value ? new Uint8Array(Buffer.from(String(value.bytes), "hex")) : value;
  }) as QueryAnswer;
}
