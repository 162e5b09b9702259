/**
 * @file Group commit: what is to be written while a transaction runs is written together by the next one.
 *
 * A transaction costs a wait for the disk, and most requests write little. Nothing is acknowledged before its commit.
 */
import type { Database, Transaction } from "../database/database.ts";

/** Writes in a transaction that others may share; a throw undoes this work alone. */
export type Write = <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;

interface Waiting {
  readonly work: (transaction: Transaction) => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Works of one transaction. */
const maxGroup = 256;

/** A writer for a database. */
export function createWriter(database: Pick<Database, "transaction">): Write {
  const waiting: Waiting[] = [];
  let isBusy = false;
  const drain = async (): Promise<void> => {
    isBusy = true;
    // Requests that came in with the same turn of the event loop still get in.
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

/** One transaction for all; where one of them fails, each gets a transaction of its own. */
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
