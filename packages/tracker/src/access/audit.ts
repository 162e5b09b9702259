/** @file The audit: who did what to what, and why. Lines are only ever added. */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";

/** What was done. */
export type AuditAction =
  | "user-added"
  | "user-removed"
  | "user-role-changed"
  | "password-changed"
  | "token-created"
  | "token-revoked"
  | "project-granted"
  | "project-revoked"
  | "member-default-changed"
  | "duplicate-forced"
  | "duplicate-refused"
  | "budget-changed"
  | "budget-forced"
  | "runs-deleted"
  | "runs-restored"
  | "projects-deleted"
  | "projects-restored"
  | "run-started"
  | "run-approved"
  | "project-renamed"
  | "budget-refused"
  | "sign-in-refused"
  | "access-refused"
  | "runs-purged"
  | "models-purged"
  | "projects-purged";

/** A line to be added. */
export interface NewAuditLine {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** Who did it, by name; empty where nobody is known by name. */
  readonly person: string;
  readonly action: AuditAction;
  /** To whom or to what: a name or an id, as people know it. */
  readonly subject: string;
  /** The reason that was given, or what exactly changed; never a secret. */
  readonly detail: string;
}

/** A line of the audit. */
export interface AuditLine extends Omit<NewAuditLine, "action"> {
  readonly sequence: number;
  /** An `AuditAction`, or one of a later version. */
  readonly action: string;
}

/** Which lines to read. */
export interface AuditQuery {
  readonly action?: string;
  readonly person?: string;
  readonly subject?: string;
  /** Lines with lower numbers. */
  readonly before?: number;
  /** Milliseconds since 1970; from the first on, up to before the second. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly limit: number;
}

/** Adds a line, in the transaction of what it tells of, so that neither is there without the other. */
export async function recordAudit(transaction: Transaction, line: NewAuditLine): Promise<void> {
  const { ms, person, action, subject, detail } = line;
  await transaction.run(
    "INSERT INTO audit (ms, person, action, subject, detail) VALUES (?, ?, ?, ?, ?)",
    ...[ms, ...[person, action, subject, detail].map(keepable)],
  );
}

/** PostgreSQL keeps no NUL letter. */
function keepable(text: string): string {
  return text.replaceAll("\u0000", "");
}

/** Lines that fit, newest first. */
export async function readAudit(reader: Reader, query: AuditQuery): Promise<AuditLine[]> {
  const { action, person, subject, before, sinceMs, untilMs, limit } = query;
  const conditions: readonly (readonly [sql: string, value: string | number | undefined])[] = [
    ["action = ?", action],
    ["person = ?", person],
    ["subject = ?", subject],
    ["sequence < ?", before],
    ["ms >= ?", sinceMs],
    ["ms < ?", untilMs],
  ];
  const asked = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  const where = asked.length === 0 ? "" : `WHERE ${asked.map(({ sql }) => sql).join(" AND ")} `;
  const rows = await reader.all(
    `SELECT * FROM audit ${where}ORDER BY sequence DESC LIMIT ?`,
    ...[...asked.map(({ value }) => value), limit],
  );
  return rows.map(lineFrom);
}

function lineFrom(row: SqlRow): AuditLine {
  return {
    sequence: Number(row["sequence"]),
    ms: Number(row["ms"]),
    person: String(row["person"]),
    action: String(row["action"]),
    subject: String(row["subject"]),
    detail: String(row["detail"]),
  };
}
