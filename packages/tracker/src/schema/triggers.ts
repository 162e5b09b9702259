/** @file Triggers of the schema: they record when a run was changed, and keep audit entries immutable. */
import type { Transaction } from "../database/database.ts";

/** Columns whose changes count as changes of the run. `document` is a cached text that writers clear on a change. */
const watched =
  "project, name, status, stage, person, purpose, started_ms, ended_ms, seen_ms, deleted_ms, fingerprint, family, " +
  "wall_seconds, spent_micro_usd, launched_by, stop_ms";

/** @source sqlite.org/lang_createtrigger.html; sqlite.org/lang_datefunc.html: julianday has millisecond precision */
const sqliteNote = `BEGIN UPDATE runs
  SET changed_ms = CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) WHERE number = NEW.number; END`;

/** @source postgresql.org/docs/15: 43.10.1 triggers on data changes, 9.9.5 clock_timestamp */
const watches = {
  sqlite: [
    `CREATE TRIGGER runs_changed AFTER UPDATE OF ${watched} ON runs ${sqliteNote}`,
    `CREATE TRIGGER runs_outdated AFTER UPDATE OF document ON runs WHEN NEW.document IS NULL ${sqliteNote}`,
  ],
  postgres: [
    `CREATE OR REPLACE FUNCTION note_run_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       NEW.changed_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
       RETURN NEW; END $$`,
    `CREATE TRIGGER runs_changed BEFORE UPDATE OF ${watched} ON runs
       FOR EACH ROW EXECUTE FUNCTION note_run_change()`,
    `CREATE TRIGGER runs_outdated BEFORE UPDATE OF document ON runs
       FOR EACH ROW WHEN (NEW.document IS NULL) EXECUTE FUNCTION note_run_change()`,
  ],
} as const;

/** Creates the triggers that write `changed_ms` of a run from the database's clock at every change. */
export async function watchRuns(transaction: Transaction): Promise<void> {
  for (const sql of watches[transaction.dialect.name]) await transaction.run(sql);
}

const refusal = "lines of the audit are only ever added";

/** Triggers that reject changes of audit entries, per database. */
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

/** Makes the audit log append-only. */
export async function guardAudit(transaction: Transaction): Promise<void> {
  for (const sql of auditGuards[transaction.dialect.name]) await transaction.run(sql);
}
