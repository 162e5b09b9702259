/** @file Finds runs that are the same experiment as a new one, or the same except for randomness. */
import { recordAudit } from "../access/audit.ts";
import type { Reader, SqlValue, Transaction } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";
import { runColumns, trackedRunFrom } from "./runs.ts";
import type { TrackedRun } from "./types.ts";

/** Hex digits of a fingerprint that all clients send; W&B's tags cannot hold more. */
const sharedFingerprintChars = 40;

/** Whether a text may be a fingerprint: enough hex digits. */
export function isFingerprint(text: string): boolean {
  return /^[0-9a-f]{40,128}$/.test(text);
}

/** The run that is about to start, and which earlier runs count. */
export interface DuplicateQuery {
  readonly fingerprint: string;
  /**
   * Only runs of the built-in engine, whose liveness is checked more reliably than by silence; default: of any client.
   */
  readonly ownOnly?: boolean;
  /** A running run without activity since this time counts as dead; default: silence is ignored. */
  readonly heardSinceMs?: number;
  /** Ids of runs to ignore: the requesting run, and runs whose processes have ended. */
  readonly except?: readonly string[];
}

/** The newest completed or running run with the same fingerprint. All kinds of runs use this rule. */
export async function findDuplicate(reader: Reader, query: DuplicateQuery): Promise<TrackedRun | null> {
  const { fingerprint, ownOnly = false, heardSinceMs = 0, except = [] } = query;
  const { condition, values } = sharing("fingerprint", fingerprint);
  // An SQL list must not be empty, and no run has an empty id.
  const passedOver = ["", ...except];
  const sql = `SELECT ${runColumns} FROM runs WHERE ${condition} AND stage = 'active'
    AND (status = 'completed' OR (status = 'running' AND seen_ms >= ?)) AND (client = 'tunewise' OR ? = 0)
    AND id NOT IN (${placeholders(passedOver)}) ORDER BY started_ms DESC, number DESC LIMIT 1`;
  const [row] = await reader.all(sql, ...values, heardSinceMs, Number(ownOnly), ...passedOver);
  return row ? trackedRunFrom(row) : null;
}

/** Records who forced a duplicate, and why. */
export async function auditForced(
  transaction: Transaction,
  about: { readonly ms: number; readonly person: string; readonly subject: string },
  duplicate: string,
  reason: string,
): Promise<void> {
  const detail = `the same as run ${duplicate}: ${reason}`;
  await recordAudit(transaction, { ...about, action: "duplicate-forced", detail });
}

/** Completed runs that differ only in randomness, newest first. */
export async function findSimilarRuns(reader: Reader, family: string, limit: number): Promise<TrackedRun[]> {
  const { condition, values } = sharing("family", family);
  const sql = `SELECT ${runColumns} FROM runs WHERE ${condition} AND stage = 'active' AND status = 'completed'
    ORDER BY started_ms DESC, number DESC LIMIT ?`;
  return (await reader.all(sql, ...values, limit)).map(trackedRunFrom);
}

/** Matches fingerprints by their common prefix, because some are truncated. Uses the column's index. */
function sharing(column: string, fingerprint: string): { condition: string; values: SqlValue[] } {
  const beginning = fingerprint.slice(0, sharedFingerprintChars);
  return { condition: `${column} >= ? AND ${column} < ?`, values: [beginning, `${beginning}g`] };
}
