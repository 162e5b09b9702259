/**
 * @file Refused runs, duplicates and those beyond a budget, leave a line in the audit, in a transaction of its own: a
 * refusal undoes the one it came in.
 */

import {
  isFingerprint,
  noteBudgetRefusal,
  noteRefusal,
  type Transaction,
  type Write,
} from "@tunewise/tracker";
import { TunewiseError } from "../../../problem/index.ts";
import { admissionTags } from "./admit-run.ts";

/** Who asks to run what. */
export interface Asker {
  readonly person: string;
  /** Tags of the client, by key. */
  readonly tags: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

/**
 * Writes what admits runs, and notes down whose run was refused.
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
    // what is refused stays refused, whether it can be noted down or not
    if (note !== null) await write(note).catch(() => undefined);
    throw error;
  }
}

/** What notes a refusal down; `null`: another error. */
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
