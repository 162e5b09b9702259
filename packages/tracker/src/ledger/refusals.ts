/**
 * @file Runs that were refused as duplicates: lines of the audit, which are only ever added. What a refusal saved is
 * what the earlier run has cost, read from the ledger when it is asked for: one that was still at work may cost more.
 */
import { recordAudit } from "../access/audit.ts";
import type { Reader, Transaction } from "../database/database.ts";
import { type ProjectsAmong, runsAmong } from "./spend.ts";

/** A refusal to be noted down. */
export interface NewRefusal {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** Who wanted to run it; empty where nobody is known by name. */
  readonly person: string;
  /** Of the experiment. */
  readonly fingerprint: string;
  /** Id of the earlier run. */
  readonly earlier: string;
}

/** A refusal, with what it saved. Money is in micro-dollars. */
export interface Refusal {
  readonly ms: number;
  readonly person: string;
  readonly earlier: string;
  readonly earlierName: string;
  readonly projectName: string;
  /** What the earlier run has cost. */
  readonly microUsd: number;
}

/** Lines of the audit that are looked at, the newest ones: whatever it holds, a look takes some milliseconds. */
const linesMost = 10_000;
/** Whoever asks again for the same within a day was refused once: a script that tries again saves nothing more. */
const onceMs = 24 * 3_600_000;

/** Letters of a name that are kept. */
const nameLetters = 250;

const newest = `(SELECT * FROM audit ORDER BY sequence DESC LIMIT ${linesMost})`;

/**
 * Notes a refusal down.
 *
 * @returns whether it is new: the same was not refused to the same person within a day
 */
export async function noteRefusal(
  transaction: Transaction,
  { ms, person: asker, fingerprint, earlier }: NewRefusal,
): Promise<boolean> {
  const person = asker.replaceAll("\u0000", "").slice(0, nameLetters); // clients say what they like
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
 * Notes down that a run was refused, as a budget is spent; for each person and budget once a day.
 *
 * @param sentence names the budget and what is spent of it
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
 * Refusals since an instant, the newest first, of earlier runs that may be read.
 *
 * @param among projects to look at; `null`: all
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
