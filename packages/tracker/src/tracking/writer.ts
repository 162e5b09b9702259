/**
 * @file Group commit: writes that arrive while a transaction runs are combined in the next one.
 *
 * Each transaction waits for the disk, and most requests write little. Nothing is acknowledged before its commit.
 */
import type { Database, Transaction } from "../database/database.ts";

/** Runs a write in a transaction that it may share with others; an exception undoes only this write. */
export type Write = <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;

interface Waiting {
  readonly work: (transaction: Transaction) => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Maximum writes per transaction. */
const maxGroup = 256;

/** Creates a writer for a database. */
export function createWriter(database: Pick<Database, "transaction">): Write {
  const waiting: Waiting[] = [];
  let isBusy = false;
  const drain = async (): Promise<void> => {
    isBusy = true;
    // Lets requests from the same turn of the event loop join the group.
    await new Promise((turn) => setImmediate(turn));
    while (waiting.length > 0) await writeGroup(database, waiting.splice(0, maxGroup));
    isBusy = false;
  };
  return <Result>(work: (transaction: Transaction) => Promise<Result>) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ work, resolve: resolve as (result: unknown) => void, reject });
      if (!isBusy) void drain();
    });
}

/** One transaction for all writes. If one fails, each is retried in a transaction of its own. */
async function writeGroup(database: Pick<Database, "transaction">, group: readonly Waiting[]): Promise<void> {
  try {
    const results = await database.transaction(async (transaction) => {
      const done: unknown[] = [];
      for (const { work } of group) done.push(await work(transaction));
      return done;
    });
    for (const [at, { resolve }] of group.entries()) resolve(results[at]);
  } catch (error) {
    const [only] = group;
    if (group.length === 1) only?.reject(error);
    else for (const one of group) await writeGroup(database, [one]);
  }
}
