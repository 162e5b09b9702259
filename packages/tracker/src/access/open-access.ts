/** @file Opens the store of users, tokens and roles for reading or for audited changes, and queries the audit log. */

import type { Database, Transaction } from "../database/database.ts";
import { spendingDayMs } from "../ledger/spending.ts";
import { defaultOutput, withDatabase, withExistingStore } from "../named-store.ts";
import { isAddress } from "../open-store.ts";
import { problem } from "../problem/index.ts";
import type { StoreHost } from "../store-host.ts";
import { type AuditLine, readAudit } from "./audit.ts";

/** The store, and the person who acts. */
export interface AccessRequest {
  /** A folder of runs or the address of a PostgreSQL store. */
  readonly store?: string;
  /** Name in the audit log, such as `cli:ada`. The server never has a user of that name. */
  readonly by: string;
}

/** Working directory and clock. */
export type AccessHost = Pick<StoreHost, "cwd" | "now">;

/** The same, with random bytes for salts and tokens. */
export type SecretHost = AccessHost & Pick<StoreHost, "randomBytes">;

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
  const found = await withExistingStore(request.store, host, async (database) => ({
    result: await read(database),
  }));
  if (found === null) throw problem("STORE_ABSENT", { path: request.store ?? defaultOutput });
  return found.result;
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
  if (!isAddress(request.store ?? defaultOutput))
    await withDatabase(request.store, host, async () => undefined);
}

/** Filters of the audit log. */
interface AuditRequest extends AccessRequest {
  readonly action?: string;
  readonly person?: string;
  readonly subject?: string;
  /** ISO days or months: `since` is inclusive, `until` exclusive. */
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

/** Returns lines of the audit log, newest first. @throws {TunewiseError} `SPEND_DAY_INVALID`, `STORE_ABSENT` */
export async function listAudit(request: AuditRequest, host: AccessHost): Promise<AuditLine[]> {
  const { since, until, store: _, by: __, ...filters } = request;
  const query = {
    ...filters,
    ...(since === undefined ? {} : { sinceMs: spendingDayMs(since) }),
    ...(until === undefined ? {} : { untilMs: spendingDayMs(until) }),
  };
  return readAccess(request, host, (database) => readAudit(database, query));
}
