/**
 * @file Writes that are counted: how long each transaction took, for how many requests, with how many points.
 */
import { createWriter, type Database, type Transaction, type Write } from "../../track/index.ts";

/** A transaction that was written. */
export interface Committed {
  readonly seconds: number;
  /** Requests that it was written for. */
  readonly works: number;
  /** Points of metrics, those that were there already too. */
  readonly points: number;
}

/**
 * A writer that tells of each transaction it has written; one that failed is not told of.
 *
 * @param elapsedSeconds a clock that never goes back
 */
export function measuredWriter(
  database: Database,
  elapsedSeconds: () => number,
  onCommit: (committed: Committed) => void,
): Write {
  // Transactions of one process follow one another, so that one set of counts is enough.
  let [works, points] = [0, 0];
  const counting = (transaction: Transaction): Transaction => ({
    dialect: transaction.dialect,
    all: (sql, ...values) => transaction.all(sql, ...values),
    run: (sql, ...values) => transaction.run(sql, ...values),
    insert: (into, rows, conflict) => {
      if (into.table === "points") points += rows.length;
      return transaction.insert(into, rows, conflict);
    },
  });
  const write = createWriter({
    transaction: async (work) => {
      const start = elapsedSeconds();
      const result = await database.transaction((transaction) => {
        [works, points] = [0, 0];
        return work(counting(transaction));
      });
      onCommit({ seconds: elapsedSeconds() - start, works, points });
      return result;
    },
  });
  return (work) =>
    write((transaction) => {
      works++;
      return work(transaction);
    });
}
