/**
 * @file Records refused runs (duplicates, and those beyond a budget) in the audit log. Uses a separate transaction,
 * because the refusal rolls back its own.
 */

import type { Transaction } from "../database/database.ts";
import { noteBudgetRefusal, noteRefusal } from "../ledger/refusals.ts";
import { TunewiseError } from "../problem/index.ts";
import { isFingerprint } from "../tracking/similar-runs.ts";
import type { Write } from "../tracking/writer.ts";
import { admissionTags } from "./admit-run.ts";

/** Who requests a run. */
export interface Asker {
  readonly person: string;
  /** Tags set by the client, by key. */
  readonly tags: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

/**
 * Runs an admission in a transaction, and records a refusal.
 *
 * @throws {TunewiseError} what `work` throws
 */
export async function writeAdmission<Result>(
  write: Write,
  { person, tags, nowMs }: Asker,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  try {
    return await write(work);
  } catch (error) {
    const note = TunewiseError.is(error) ? noteOf(error, { person, tags, nowMs }) : null;
    // the run is refused even if the refusal cannot be recorded
    if (note !== null) await write(note).catch(() => undefined);
    throw error;
  }
}

/** Returns a function that records the refusal; `null` for other errors. */
function noteOf(
  { code, params }: TunewiseError,
  { person, tags, nowMs: ms }: Asker,
): ((transaction: Transaction) => Promise<boolean>) | null {
  const fingerprint = tags.get(admissionTags.fingerprint) ?? "";
  if (code === "RUN_DUPLICATE" && isFingerprint(fingerprint))
    return (transaction) =>
      noteRefusal(transaction, { ms, person, fingerprint, earlier: String(params["id"]) });
  if (code === "SHARED_BUDGET_SPENT")
    return (transaction) =>
      noteBudgetRefusal(transaction, { ms, person, sentence: String(params["sentence"]) });
  return null;
}
