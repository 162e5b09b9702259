/** @file Runs that are the same experiment as one that is to begin, or the same apart from chance. */
import { recordAudit } from "../access/audit.ts";
import type { Reader, SqlValue, Transaction } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";
import type { TrackedRun } from "./nouns.ts";
import { runColumns, trackedRunFrom } from "./runs.ts";

/** Hex digits of a fingerprint that all clients send: W&B's tags have room for no more. */
const sharedFingerprintChars = 40;

/** Whether a text can be a fingerprint: hex digits, and enough of them. */
export function isFingerprint(text: string): boolean {
  return /^[0-9a-f]{40,128}$/.test(text);
}

/** The run that wants to begin, and which earlier runs count. */
export interface DuplicateQuery {
  readonly fingerprint: string;
  /** Runs of this engine alone, which know better than by silence whether they are at work; default: of any client. */
  readonly ownOnly?: boolean;
  /** A run at work that was silent since before then counts as dead; default: silence says nothing. */
  readonly heardSinceMs?: number;
  /** Ids of runs that do not count: the one that asks, and those that have ended without a word. */
  readonly except?: readonly string[];
}

/** The newest run of the same fingerprint that is completed or at work; the one rule for runs of every kind. */
export async function findDuplicate(reader: Reader, query: DuplicateQuery): Promise<TrackedRun | null> {
  const { fingerprint, ownOnly = false, heardSinceMs = 0, except = [] } = query;
  const { condition, values } = sharing("fingerprint", fingerprint);
  // no run has the empty id, and a list in SQL needs one member
  const passedOver = ["", ...except];
  const sql = `SELECT ${runColumns} FROM runs WHERE ${condition} AND stage = 'active'
    AND (status = 'completed' OR (status = 'running' AND seen_ms >= ?)) AND (client = 'tunewise' OR ? = 0)
    AND id NOT IN (${placeholders(passedOver)}) ORDER BY started_ms DESC, number DESC LIMIT 1`;
  const [row] = await reader.all(sql, ...values, heardSinceMs, Number(ownOnly), ...passedOver);
  return row ? trackedRunFrom(row) : null;
}

/** Notes who paid twice, and why. */
export async function auditForced(
  transaction: Transaction,
  about: { readonly ms: number; readonly person: string; readonly subject: string },
  duplicate: string,
  reason: string,
): Promise<void> {
  const detail = `the same as run ${duplicate}: ${reason}`;
  await recordAudit(transaction, { ...about, action: "duplicate-forced", detail });
}

/** Completed runs that differ in what is only chance, the newest first. */
export async function findSimilarRuns(reader: Reader, family: string, limit: number): Promise<TrackedRun[]> {
  const { condition, values } = sharing("family", family);
  const sql = `SELECT ${runColumns} FROM runs WHERE ${condition} AND stage = 'active' AND status = 'completed'
    ORDER BY started_ms DESC, number DESC LIMIT ?`;
  return (await reader.all(sql, ...values, limit)).map(trackedRunFrom);
}

/** The same beginning, by which one fingerprint is the other's or a cut of it; found through the column's index. */
function sharing(column: string, fingerprint: string): { condition: string; values: SqlValue[] } {
  const beginning = fingerprint.slice(0, sharedFingerprintChars);
  return { condition: `${column} >= ? AND ${column} < ?`, values: [beginning, `${beginning}g`] };
}
