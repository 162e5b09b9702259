/**
 * @file Tables of the ledger: what was spent, on which run, at which price.
 */

/** Lines are only ever added, those of kind `reserved` aside (`ledger/reserved.ts`). `quantity` counts `unit`s where something else than time was paid for. */
export const ledgerTables: readonly string[] = [
  `CREATE TABLE spend (
     sequence {id}, run {integer} NOT NULL REFERENCES runs (number), ms {integer} NOT NULL, kind TEXT NOT NULL,
     micro_usd {integer} NOT NULL, seconds {real} NOT NULL, quantity {real} NOT NULL, unit TEXT NOT NULL,
     price_micro_usd_per_hour {integer} NOT NULL, price_source TEXT NOT NULL) {table}`,
  "CREATE INDEX spend_by_run ON spend (run, sequence)",
  "CREATE INDEX spend_by_time ON spend (ms)",
  // Without a project: for all of them together.
  `CREATE TABLE budgets (
     number {id}, project {integer} REFERENCES projects (number), period TEXT NOT NULL,
     micro_usd {integer} NOT NULL) {table}`,
  // Commands in a budget: \`micro_usd\` and \`metered_ms\` are what their meters said last, all of it in the ledger.
  `CREATE TABLE launches (
     run {integer} PRIMARY KEY REFERENCES runs (number), command TEXT NOT NULL, host TEXT NOT NULL,
     price_micro_usd_per_hour {integer} NOT NULL, price_source TEXT NOT NULL, cap_micro_usd {integer},
     micro_usd {integer} NOT NULL, metered_ms {integer} NOT NULL) {table}`,
];
