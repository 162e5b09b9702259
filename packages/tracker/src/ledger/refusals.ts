/**
 * @file Runs refused as duplicates, recorded in the append-only audit log. The saving of a refusal is the earlier run's
 * cost, read from the ledger at query time, because that run may still be accruing cost.
 */
import { recordAudit } from "../access/audit.ts";
import type { Reader, Transaction } from "../database/database.ts";
import { type ProjectsAmong, runsAmong } from "./spend.ts";

/** A refusal to record. */
export interface NewRefusal {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** User name of the requester; empty if unknown. */
  readonly person: string;
  /** Fingerprint of the experiment. */
  readonly fingerprint: string;
  /** Id of the earlier run. */
  readonly earlier: string;
}

/** A refusal and what it saved. Money is in micro-dollars. */
export interface Refusal {
  readonly ms: number;
  readonly person: string;
  readonly earlier: string;
  readonly earlierName: string;
  readonly projectName: string;
  /** Cost of the earlier run. */
  readonly microUsd: number;
}

/** Number of newest audit entries to search, which keeps a query fast however large the log is. */
const maxLines = 10_000;
/** Repeated requests within a day count as one refusal, because retries by a script save nothing more. */
const onceMs = 24 * 3_600_000;

/** Maximum stored length of a name. */
const nameLetters = 250;

const newest = `(SELECT * FROM audit ORDER BY sequence DESC LIMIT ${maxLines})`;

/**
 * Records a refusal.
 *
 * @returns whether it is new, that is, not refused to the same person within a day
 */
export async function noteRefusal(
  transaction: Transaction,
  { ms, person: asker, fingerprint, earlier }: NewRefusal,
): Promise<boolean> {
  const person = asker.replaceAll("\u0000", "").slice(0, nameLetters); // Untrusted client text.
  const known = await transaction.all(
    `SELECT 1 AS found FROM ${newest} AS line
     WHERE action = 'duplicate-refused' AND subject = ? AND person = ? AND ms > ? LIMIT 1`,
    ...[earlier, person, ms - onceMs],
  );
  if (known.length > 0) return false;
  const detail = `the same experiment as run ${earlier}, fingerprint ${fingerprint.slice(0, 40)}`;
  await recordAudit(transaction, { ms, person, action: "duplicate-refused", subject: earlier, detail });
  return true;
}

/**
 * Records that a run was refused because a budget is exhausted, once a day per person and sentence.
 *
 * @param sentence names the budget and what has been spent of it
 * @returns whether it is new
 */
export async function noteBudgetRefusal(
  transaction: Transaction,
  {
    ms,
    person: asker,
    sentence: detail,
  }: { readonly ms: number; readonly person: string; readonly sentence: string },
): Promise<boolean> {
  const person = asker.replaceAll("\u0000", "").slice(0, nameLetters);
  const known = await transaction.all(
    `SELECT 1 AS found FROM ${newest} AS line
     WHERE action = 'budget-refused' AND detail = ? AND person = ? AND ms > ? LIMIT 1`,
    ...[detail, person, ms - onceMs],
  );
  if (known.length > 0) return false;
  await recordAudit(transaction, { ms, person, action: "budget-refused", subject: "a run", detail });
  return true;
}

/**
 * Refusals since an instant, newest first, if the earlier run is in a readable project.
 *
 * @param among projects to include; `null`: all
 */
export async function readRefusals(
  reader: Reader,
  sinceMs: number,
  among: ProjectsAmong | null = null,
): Promise<Refusal[]> {
  const rows = await reader.all(
    `SELECT line.ms, line.person, runs.id, runs.name, projects.name AS project_name,
       runs.spent_micro_usd + coalesce(
         (SELECT sum(part.spent_micro_usd) FROM runs part WHERE part.launched_by = runs.number), 0) AS spent
     FROM ${newest} AS line JOIN runs ON runs.id = line.subject JOIN projects ON projects.number = runs.project
     WHERE line.action = 'duplicate-refused' AND line.ms >= ? ${runsAmong("AND", among)}
     ORDER BY line.sequence DESC`,
    ...[sinceMs, ...(among?.values ?? [])],
  );
  return rows.map((row) => ({
    ms: Number(row["ms"]),
    person: String(row["person"]),
    earlier: String(row["id"]),
    earlierName: String(row["name"]),
    projectName: String(row["project_name"]),
    microUsd: Number(row["spent"]),
  }));
}
