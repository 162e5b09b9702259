/** @file For tests: a store whose disk fails at some of its transactions. */

import type { Database } from "@tunewise/tracker";
import { problem } from "../../packages/tunewise/src/problem/index.ts";

/** The database, whose transactions of these numbers, from 1, are done and then undone with an error. */
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
