/** @file For tests: a store in which some transactions fail because of the disk. */

import type { Database } from "@tunewise/tracker";
import { problem } from "../../packages/tunewise/src/problem/index.ts";

/** A database whose transactions with these numbers (from 1) run and are then rolled back with an error. */
export function failingAt(database: Database, numbers: readonly number[]): Database {
  let count = 0;
  return Object.assign(Object.create(database) as Database, {
    transaction: <Result>(work: Parameters<Database["transaction"]>[0]): Promise<Result> =>
      database.transaction(async (transaction) => {
        const result = await work(transaction);
        const about = { path: database.path, reason: "disk I/O error" };
        if (numbers.includes(++count)) throw problem("STORE_WRITE_FAILED", about);
        return result as Result;
      }),
  });
}
