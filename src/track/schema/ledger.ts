/**
 * @file Tables of the ledger: what was spent, on which run, at which price.
 */

/** Lines are only ever added. `quantity` counts `unit`s where something else than time was paid for. */
export const ledgerTables: readonly string[] = [
  `CREATE TABLE spend (
     sequence {id}, run {integer} NOT NULL REFERENCES runs (number), ms {integer} NOT NULL, kind TEXT NOT NULL,
     micro_usd {integer} NOT NULL, seconds {real} NOT NULL, quantity {real} NOT NULL, unit TEXT NOT NULL,
     price_micro_usd_per_hour {integer} NOT NULL, price_source TEXT NOT NULL) {table}`,
  "CREATE INDEX spend_by_run ON spend (run, sequence)",
  "CREATE INDEX spend_by_time ON spend (ms)",
];
