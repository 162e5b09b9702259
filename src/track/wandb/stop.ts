/**
 * @file The wish that a run of any client stops: a tag, so that whoever looks at the run sees why.
 */
import type { Reader, Transaction } from "../database/database.ts";
import { putTags } from "../tracking/tags.ts";

/** The tag of a run that is to stop; its value says why. */
const stopTag = "tunewise.stop";

/** Asks a run to stop; its client learns of it with its next call. */
export async function requestStop(transaction: Transaction, run: number, reason: string): Promise<void> {
  await putTags(transaction, run, [{ key: stopTag, value: reason }]);
  await transaction.run("UPDATE runs SET document = NULL WHERE number = ?", run);
}

/** Whether a run is to stop. */
export async function isStopRequested(reader: Reader, run: number): Promise<boolean> {
  return (await reader.all("SELECT 1 FROM tags WHERE run = ? AND key = ?", run, stopTag)).length > 0;
}
