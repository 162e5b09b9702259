/** @file For tests: the places a store can lie in, each of which must pass the same tests. */
import { join } from "node:path";
import { postgresPlace, postgresServer } from "./postgres.ts";
import { temporaryFolder } from "./track-disk.ts";

/** Name, whether it is there on this machine, and a fresh place of the kind. */
export const storePlaces: [name: string, isThere: boolean, make: () => Promise<string>][] = [
  ["SQLite in memory", true, async () => ":memory:"],
  ["SQLite in a file", true, async () => join(await temporaryFolder(), "store.sqlite")],
  ["PostgreSQL", postgresServer !== undefined, postgresPlace],
];
