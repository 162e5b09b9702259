/** @file The audit log: who did what to what, and why. It is append-only. */
import type { Reader, SqlRow, Transaction } from "../database/database.ts";

/** The action that was recorded. */
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

/** An audit entry to add. */
export interface NewAuditLine {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** User name of the actor; empty if unknown. */
  readonly person: string;
  readonly action: AuditAction;
  /** What the action was applied to: a name or an id, as users know it. */
  readonly subject: string;
  /** The stated reason, or exactly what changed; never a secret. */
  readonly detail: string;
}

/** An audit entry. */
export interface AuditLine extends Omit<NewAuditLine, "action"> {
  readonly sequence: number;
  /** An `AuditAction`, or one from a later version. */
  readonly action: string;
}

/** Filters for reading the audit log. */
export interface AuditQuery {
  readonly action?: string;
  readonly person?: string;
  readonly subject?: string;
  /** Only entries with a lower sequence number. */
  readonly before?: number;
  /** Milliseconds since 1970; `sinceMs` is inclusive, `untilMs` exclusive. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly limit: number;
}

/** Adds an entry in the same transaction as the change it records, so that neither exists without the other. */
export async function recordAudit(transaction: Transaction, line: NewAuditLine): Promise<void> {
  const { ms, person, action, subject, detail } = line;
  await transaction.run(
    "INSERT INTO audit (ms, person, action, subject, detail) VALUES (?, ?, ?, ?, ?)",
    ...[ms, ...[person, action, subject, detail].map(keepable)],
  );
}

/** PostgreSQL cannot store NUL characters. */
function keepable(text: string): string {
  return text.replaceAll("\u0000", "");
}

/** Matching entries, newest first. */
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
