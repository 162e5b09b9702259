/**
 * @file The store in which users, tokens and roles are looked at and changed.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { problem } from "../../../problem/index.ts";
import type { Host } from "../../../runtime/index.ts";
import { type Database, isAddress, openDatabase, storePath, type Transaction } from "../../../track/index.ts";
import { defaultOutput } from "../../runs/index.ts";

/** Where to look, and who does. */
export interface AccessRequest {
  /** A folder of runs, or the address of a PostgreSQL store. */
  readonly store?: string;
  /** Who asks for it, for the audit; such as `cli:ada`, which no user of the server can be called. */
  readonly by: string;
}

/** What changing users takes from the world. */
export type AccessHost = Pick<Host, "cwd" | "now">;

/** A change at work: the transaction, and what every line of its audit says. */
export interface Change {
  readonly transaction: Transaction;
  readonly audit: { readonly ms: number; readonly person: string };
}

/**
 * Looks into the store.
 *
 * @throws {TunewiseError} `STORE_ABSENT`, and the errors of `openDatabase`
 */
export async function lookAtAccess<Result>(
  request: AccessRequest,
  host: AccessHost,
  look: (database: Database) => Promise<Result>,
): Promise<Result> {
  const place = placeOf(request, host);
  if (place.path !== null && !existsSync(place.path)) throw problem("STORE_ABSENT", { path: place.word });
  const database = await openDatabase(place.path ?? place.word);
  try {
    return await look(database);
  } finally {
    await database.close();
  }
}

/**
 * Changes something in the store, with what goes on record about it, in one transaction.
 *
 * @throws {TunewiseError} as `lookAtAccess`, and what `change` throws
 */
export async function changeAccess<Result>(
  request: AccessRequest,
  host: AccessHost,
  change: (change: Change) => Promise<Result>,
): Promise<Result> {
  const audit = { ms: host.now().getTime(), person: request.by };
  return lookAtAccess(request, host, (database) =>
    database.transaction((transaction) => change({ transaction, audit })),
  );
}

/** Makes the folder of a store that is not there yet; the store itself is made when it is opened. */
export async function makeStore(request: AccessRequest, host: AccessHost): Promise<void> {
  const { path } = placeOf(request, host);
  if (path === null || existsSync(path)) return;
  await mkdir(resolve(path, ".."), { recursive: true });
  await (await openDatabase(path)).close();
}

/** `path` is a file's; `null` where the word is an address. */
function placeOf({ store }: AccessRequest, { cwd }: AccessHost): { word: string; path: string | null } {
  const word = store ?? defaultOutput;
  return { word, path: isAddress(word) ? null : storePath(resolve(cwd, word)) };
}
