/** @file The only file that loads the PostgreSQL driver. It also translates the driver's errors. */

import { errorCode } from "@tunewise/core/files";
import { createGate } from "@tunewise/core/untrusted";
import type { Client, Pool, PoolClient, QueryConfig } from "pg";
import { loadPackage, problem, TunewiseError } from "../problem/index.ts";
import type { ColumnType, Database, Snapshot, SqlRow, SqlValue, Target, Transaction } from "./database.ts";
import { kindOf, postgresDialect } from "./dialect.ts";
import { rowsFirst, rowsToAsk } from "./rows.ts";

/** Number of connections for reading; one more is for writing. */
const maxReaders = 4;
/** Timeout for connecting. */
const connectSeconds = 5;

/** @source pg_type.dat of PostgreSQL: int8, and numeric, which is the type of sums over int8 */
const integerTypes: ReadonlySet<number> = new Set([20, 1700]);

/**
 * Opens a database by its address, `postgres://user:password@host:port/name`.
 *
 * @throws {TunewiseError} `STORE_UNREADABLE`, `PACKAGE_MISSING`
 */
export async function openPostgres(address: string): Promise<Database> {
  const { default: pg } = await loadPackage("pg", "A store in PostgreSQL", () => import("pg"));
  const path = withoutPassword(address);
  const pool = new pg.Pool({
    connectionString: address,
    max: maxReaders + 1,
    connectionTimeoutMillis: connectSeconds * 1000,
    application_name: "tunewise",
    types: {
      getTypeParser: ((type: number, format?: "text") =>
        integerTypes.has(type)
          ? Number
          : pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser,
    },
  });
  // The pool replaces a connection that breaks while idle on the next request.
  pool.on("error", () => undefined);
  try {
    await pool.query("SELECT 1");
  } catch (error) {
    await pool.end();
    throw asProblem(error, path, "open");
  }
  return wrap(path, pool);
}

/** The address for display, without the password. */
function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return "postgres";
  const url = new URL(address);
  url.password = "";
  url.search = "";
  return url.href;
}

type Connection = Pick<Client, "query">;

function wrap(path: string, pool: Pool): Database {
  const texts = new Map<string, QueryConfig>();
  const query = async (
    on: Connection,
    sql: string,
    values: readonly unknown[],
    doing: "read" | "write",
  ): Promise<{ rows: SqlRow[]; rowCount: number | null }> => {
    try {
      return await on.query({ ...prepared(texts, sql), values: [...values] });
    } catch (error) {
      throw asProblem(error, path, doing);
    }
  };
  const transactionOn = (client: PoolClient): Transaction => ({
    dialect: postgresDialect,
    all: async (sql, ...values) => (await query(client, sql, values, kindOf(sql))).rows,
    run: async (sql, ...values) => (await query(client, sql, values, "write")).rowCount ?? 0,
    insert: async (into, rows, conflict = "") => {
      if (rows.length > 0) await query(client, insertText(into, conflict), columnsOf(into, rows), "write");
    },
  });
  const takeTurn = createGate(1);
  return {
    path,
    dialect: postgresDialect,
    all: async (sql, ...values) => (await query(pool, sql, values, "read")).rows,
    transaction: (work) =>
      takeTurn(async () => {
        const client = await pool.connect().catch((error: unknown) => {
          throw asProblem(error, path, "write");
        });
        let broken: unknown;
        try {
          await query(client, "BEGIN", [], "write");
          const result = await work(transactionOn(client));
          await query(client, "COMMIT", [], "write");
          return result;
        } catch (error) {
          await client.query("ROLLBACK").catch((reason: unknown) => {
            broken = reason;
          });
          throw error;
        } finally {
          client.release(broken !== undefined);
        }
      }),
    snapshot: (work) => readSnapshot(pool, path, work),
    flush: async () => undefined,
    close: () => takeTurn(() => pool.end()),
  };
}

/** A read-only transaction, which sees the state at its first statement. */
async function readSnapshot<Result>(
  pool: Pool,
  path: string,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  const failed = (error: unknown): never => {
    throw asProblem(error, path, "read");
  };
  const client = await pool.connect().catch(failed);
  const ask = async (text: string, values: SqlValue[] = []): Promise<SqlRow[]> =>
    (await client.query(numbered(text), values).catch(failed)).rows;
  let broken: unknown;
  try {
    await ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // Returns floating-point numbers exactly, even if the server's settings would round them.
    await ask("SET LOCAL extra_float_digits = 3");
    return await work({
      dialect: postgresDialect,
      all: (sql, ...values) => ask(sql, values),
      batches: async function* (table, list, number) {
        // Qualified by the table, so that it refers to the column and not to an alias in the SELECT list.
        const order = number ? `ORDER BY ${table}.${number}` : "";
        await ask(`DECLARE looking NO SCROLL CURSOR FOR SELECT ${list} FROM ${table} ${order}`);
        for (let count = rowsFirst; ; ) {
          const rows = await ask(`FETCH FORWARD ${count} FROM looking`);
          if (rows.length > 0) yield rows;
          if (rows.length < count) break;
          count = rowsToAsk(rows);
        }
        await ask("CLOSE looking");
      },
    });
  } finally {
    await client.query("ROLLBACK").catch((reason: unknown) => {
      broken = reason;
    });
    client.release(broken !== undefined);
  }
}

/** Maximum number of named prepared statements per connection; further ones are sent unprepared. */
const maxPrepared = 200;

function prepared(texts: Map<string, QueryConfig>, sql: string): QueryConfig {
  const known = texts.get(sql);
  if (known) return known;
  const text = numbered(sql);
  if (texts.size >= maxPrepared || sql.length > 2000) return { text };
  const config = { text, name: `tunewise-${texts.size}` };
  texts.set(sql, config);
  return config;
}

/** Replaces `?` by `$1`, `$2` ...; no statement of this package has a question mark in a literal. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll("?", () => `$${++count}`);
}

const arrayTypes: Readonly<Record<ColumnType, string>> = {
  integer: "bigint[]",
  real: "double precision[]",
  text: "text[]",
};

function insertText({ table, columns }: Target, conflict: string): string {
  const arrays = Object.values(columns).map((type) => `?::${arrayTypes[type]}`);
  return `INSERT INTO ${table} (${Object.keys(columns).join(", ")})
    SELECT * FROM unnest(${arrays.join(", ")}) ${conflict}`;
}

function columnsOf({ columns }: Target, rows: readonly (readonly SqlValue[])[]): unknown[] {
  return Object.keys(columns).map((_, at) => rows.map((row) => row[at] ?? null));
}

/** @source www.postgresql.org/docs/current/errcodes-appendix.html: disk_full */
const diskFull = "53100";

/** Converts a driver error to a problem; problems are returned unchanged. */
function asProblem(cause: unknown, path: string, doing: "open" | "read" | "write"): unknown {
  if (TunewiseError.is(cause)) return cause;
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  if (errorCode(cause) === diskFull) return problem("STORE_FULL", { path, reason, folder: "." }, { cause });
  return problem(doing === "write" ? "STORE_WRITE_FAILED" : "STORE_UNREADABLE", { path, reason }, { cause });
}
