/** @file Opens the store of users, tokens and roles, for reading and for audited changes. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { problem } from "../../../problem/index.ts";
import type { Runtime } from "../../../runtime/index.ts";
import { type Database, isAddress, openDatabase, storePath, type Transaction } from "../../../track/index.ts";
import { defaultOutput } from "../../runs/index.ts";

/** Store, and the person who acts. */
export interface AccessRequest {
  /** A folder of runs, or the address of a PostgreSQL store. */
  readonly store?: string;
  /** Name in the audit log, such as `cli:ada`, which cannot be a user name of the server. */
  readonly by: string;
}

/** Working directory and clock. */
export type AccessHost = Pick<Runtime, "cwd" | "now">;

/** An open change: its transaction, and the fields shared by its audit lines. */
export interface Change {
  readonly transaction: Transaction;
  readonly audit: { readonly ms: number; readonly person: string };
}

/**
 * Reads from an existing store.
 *
 * @throws {TunewiseError} `STORE_ABSENT`, and the errors of `openDatabase`
 */
export async function readAccess<Result>(
  request: AccessRequest,
  host: AccessHost,
  read: (database: Database) => Promise<Result>,
): Promise<Result> {
  const place = placeOf(request, host);
  if (place.path !== null && !existsSync(place.path)) throw problem("STORE_ABSENT", { path: place.word });
  const database = await openDatabase(place.path ?? place.word);
  try {
    return await read(database);
  } finally {
    await database.close();
  }
}

/**
 * Changes the store and its audit log in one transaction.
 *
 * @throws {TunewiseError} those of `readAccess` and of `change`
 */
export async function changeAccess<Result>(
  request: AccessRequest,
  host: AccessHost,
  change: (change: Change) => Promise<Result>,
): Promise<Result> {
  const audit = { ms: host.now().getTime(), person: request.by };
  return readAccess(request, host, (database) =>
    database.transaction((transaction) => change({ transaction, audit })),
  );
}

/** Creates the store if it is missing. */
export async function makeStore(request: AccessRequest, host: AccessHost): Promise<void> {
  const { path } = placeOf(request, host);
  if (path === null || existsSync(path)) return;
  await mkdir(resolve(path, ".."), { recursive: true });
  await (await openDatabase(path)).close();
}

/** `path` is the store's file, or `null` for a database address. */
function placeOf({ store }: AccessRequest, { cwd }: AccessHost): { word: string; path: string | null } {
  const word = store ?? defaultOutput;
  return { word, path: isAddress(word) ? null : storePath(resolve(cwd, word)) };
}
