/** @file For tests: the places a store can lie in, each of which must pass the same tests. */
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
 * Name, whether it is there on this machine, and a fresh place of the kind; the tier `postgres` has its own. In memory
 * alone is for tests of tests, which are many and ask what the code does, not what a database does.
 */
export const storePlaces: StorePlace[] =
  asked === "postgres"
    ? [["PostgreSQL", postgresServer !== undefined, postgresPlace]]
    : sqlite.slice(0, asked === "memory" ? 1 : sqlite.length);
