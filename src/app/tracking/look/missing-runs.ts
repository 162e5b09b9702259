/**
 * @file Runs whose folders are there and that the store does not know.
 */
import { resolve } from "node:path";
import type { Host } from "../../../runtime/index.ts";
import { isAddress } from "../../../track/index.ts";
import { defaultOutput, runIdsIn } from "../../runs/index.ts";
import { withStoreThatIsThere } from "../with-database.ts";

/**
 * Ids of such runs, the newest first.
 *
 * @param word a folder of runs, or the address of a database, which has no folders
 */
export async function missingRuns(word: string = defaultOutput, host: Host): Promise<string[]> {
  if (isAddress(word)) return [];
  const ids = await runIdsIn(resolve(host.cwd, word));
  if (ids.length === 0) return [];
  const known = await withStoreThatIsThere(word, host, async (database) =>
    (await database.all("SELECT id FROM runs WHERE client = 'tunewise'")).map(({ id }) => String(id)),
  );
  const there = new Set(known ?? []);
  return ids.filter((id) => !there.has(id));
}
