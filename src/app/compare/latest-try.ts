/**
 * @file The newest comparison of arms on the rows that runs were trained on.
 */
import { join } from "node:path";
import type { TryDocument } from "../../report/index.ts";
import type { Run } from "../../run/index.ts";
import { runFolderAt, type Store } from "../../track/index.ts";
import { readTryDocument, tryOf } from "../runs/index.ts";

/** How many runs are looked through. */
const looked = 500;

/** What the newest completed try on a run's data and model came to; `null`: there is none, or it cannot be read. */
export async function latestTry(
  store: Store,
  output: string,
  { dataFingerprint, modelRevision }: Pick<Run, "dataFingerprint" | "modelRevision">,
): Promise<TryDocument | null> {
  const runs = await store.listRuns({ status: "completed", dataFingerprint, limit: looked });
  const found = runs.find((run) => tryOf(run) !== null && run.modelRevision === modelRevision);
  // runs are what was asked for; a report that was removed by hand is no reason to show none of them
  return found ? readTryDocument(runFolderAt(join(output, "runs", found.id))).catch(() => null) : null;
}
