/** @file Refused duplicates leave a line in the audit, in a transaction of its own: a refusal undoes the one it came in. */
import { TunewiseError } from "../../../problem/index.ts";
import { isFingerprint, noteRefusal, type Transaction, type Write } from "../../../track/index.ts";
import { admissionTags } from "./admit-run.ts";

/** Who asks to run what. */
export interface Asker {
  readonly person: string;
  /** Tags of the client, by key. */
  readonly tags: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

/**
 * Writes what admits runs, and notes down whose run was refused as a duplicate.
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
    const fingerprint = tags.get(admissionTags.fingerprint) ?? "";
    if (TunewiseError.is(error) && error.code === "RUN_DUPLICATE" && isFingerprint(fingerprint)) {
      const refusal = { ms: nowMs, person, fingerprint, earlier: String(error.params["id"]) };
      // what is refused stays refused, whether it can be noted down or not
      await write((transaction) => noteRefusal(transaction, refusal)).catch(() => undefined);
    }
    throw error;
  }
}
