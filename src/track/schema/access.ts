/**
 * @file Tables of version 2: users, their tokens, their roles in projects, and what was done to whom.
 */
import type { Transaction } from "../database/database.ts";

/**
 * Of a password and of a token only hashes are kept. `prefix` is the part of a token that may be shown. `used_ms` is
 * coarse: see `noteTokenUse`.
 */
const userTables: readonly string[] = [
  `CREATE TABLE users (
     number {id}, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, password TEXT, created_ms {integer} NOT NULL) {table}`,
  `CREATE TABLE tokens (
     number {id}, owner {integer} NOT NULL REFERENCES users (number), name TEXT NOT NULL, prefix TEXT NOT NULL UNIQUE,
     digest TEXT NOT NULL UNIQUE, created_ms {integer} NOT NULL, expires_ms {integer}, revoked_ms {integer},
     used_ms {integer}) {table}`,
  "CREATE INDEX tokens_by_owner ON tokens (owner)",
  `CREATE TABLE grants (
     project {integer} NOT NULL REFERENCES projects (number), person {integer} NOT NULL REFERENCES users (number),
     role TEXT NOT NULL, PRIMARY KEY (person, project)) {clustered}`,
  "CREATE TABLE access_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) {table}",
];

/** Lines name people and things by their words, so that they outlive both. */
const auditTables: readonly string[] = [
  `CREATE TABLE audit (
     sequence {id}, ms {integer} NOT NULL, person TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
     detail TEXT NOT NULL) {table}`,
];

const refusal = "lines of the audit are only ever added";

/** What keeps lines from being changed, in each database's own words. */
const auditGuards = {
  sqlite: ["UPDATE", "DELETE"].map(
    (change) => `CREATE TRIGGER audit_no_${change.toLowerCase()} BEFORE ${change} ON audit
      BEGIN SELECT RAISE(ABORT, '${refusal}'); END`,
  ),
  postgres: [
    `CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION '${refusal}'; END $$`,
    `CREATE TRIGGER audit_fixed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()`,
  ],
} as const;

/** Makes the audit a place where lines are only ever added. */
async function guardAudit(transaction: Transaction): Promise<void> {
  for (const sql of auditGuards[transaction.dialect.name]) await transaction.run(sql);
}

/** All of them, and the guard of the audit. */
export const accessTables: readonly (string | ((transaction: Transaction) => Promise<void>))[] = [
  ...userTables,
  ...auditTables,
  guardAudit,
];
