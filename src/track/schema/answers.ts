/**
 * @file Tables of version 3: answers that were paid for, what may still be spent on asking, and who is asking what.
 */

/**
 * `request` is the digest of a question at an endpoint; `answer` is JSON. A reservation is money set aside for a
 * request in flight: it is counted at its most from the start, so that nothing has to happen when its holder dies.
 */
export const answerTables: readonly string[] = [
  `CREATE TABLE paid_answers (
     request TEXT PRIMARY KEY, model TEXT NOT NULL, answer TEXT NOT NULL, prompt_tokens {integer} NOT NULL,
     answer_tokens {integer} NOT NULL, micro_usd {integer} NOT NULL, ms {integer} NOT NULL) {table}`,
  "CREATE TABLE purses (name TEXT PRIMARY KEY, spent_micro_usd {integer} NOT NULL) {table}",
  `CREATE TABLE purse_reservations (
     number {id}, purse TEXT NOT NULL REFERENCES purses (name), holder TEXT NOT NULL, request TEXT NOT NULL,
     micro_usd_most {integer} NOT NULL, ms {integer} NOT NULL, expires_ms {integer} NOT NULL) {table}`,
  "CREATE INDEX purse_reservations_by_purse ON purse_reservations (purse)",
  `CREATE TABLE answer_claims (
     request TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_ms {integer} NOT NULL) {table}`,
];
