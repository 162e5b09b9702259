/** @file Numbers that a database hands out, after rows came with numbers of their own. */
import type { Transaction } from "../database/database.ts";

/**
 * Lets PostgreSQL's numbers go on behind the largest one that is there; SQLite's do so by themselves.
 *
 * @param number a column of integers, with or without numbers that are handed out
 */
export async function continueNumbers(
  transaction: Transaction,
  table: string,
  number: string,
): Promise<void> {
  if (transaction.dialect.name !== "postgres") return;
  await transaction.all(
    `SELECT setval(sequence::regclass, greatest(last, 1), last > 0)
     FROM (SELECT pg_get_serial_sequence(?, ?) AS sequence) AS s,
       (SELECT coalesce(max(${number}), 0) AS last FROM ${table}) AS n
     WHERE sequence IS NOT NULL`,
    table,
    number,
  );
}
