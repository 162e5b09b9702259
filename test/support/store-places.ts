/** @file For tests: the databases that can hold a store; each must pass the same tests. */
import { join } from "node:path";
import { postgresPlace, postgresServer } from "./postgres.ts";
import { temporaryFolder } from "./track-disk.ts";

type StorePlace = [name: string, isThere: boolean, make: () => Promise<string>];

const sqlite: StorePlace[] = [
  ["SQLite in memory", true, async () => ":memory:"],
  ["SQLite in a file", true, async () => join(await temporaryFolder(), "store.sqlite")],
];

const asked = process.env["TUNEWISE_TEST_STORE"];

/**
 * Name, availability on this machine, and a function that creates a new database. The tier `postgres` tests only
 * PostgreSQL. `memory` alone is for mutation tests: they run often and test the code, not the database.
 */
export const storePlaces: StorePlace[] =
  asked === "postgres"
    ? [["PostgreSQL", postgresServer !== undefined, postgresPlace]]
    : sqlite.slice(0, asked === "memory" ? 1 : sqlite.length);
