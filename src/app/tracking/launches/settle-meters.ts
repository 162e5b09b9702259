/**
 * @file Brings into a store's ledger what meters on this machine hold beyond it, before anybody reads sums: of commands
 * whose front process is gone, and of runs that were killed. Each micro-dollar once, whoever looks first.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { endUnstarted, readMeter } from "../../../launch/index.ts";
import { TunewiseError } from "../../../problem/index.ts";
import type { Host } from "../../../runtime/index.ts";
import {
  findLaunch,
  findTrackedRunOrNull,
  isAddress,
  takeLock,
  writeWholeFile,
} from "../../../track/index.ts";
import { defaultOutput, settleTicks } from "../../runs/index.ts";
import type { Desk } from "../desk.ts";
import { withStoreThatIsThere } from "../with-database.ts";
import { reportEnd, reportOf, settledFile } from "./catch-up.ts";
import { deskRegistrar } from "./launch-desk.ts";

/**
 * Settles what belongs to a store. One that cannot be written now is left as it is, and settled by whoever comes next.
 *
 * @param word the store as the user wrote it; the folder of runs where it is missing
 */
export async function settleMeters(
  word: string | undefined,
  host: Pick<Host, "cwd" | "now" | "processes">,
): Promise<void> {
  const place = word ?? defaultOutput;
  // A command may be noted down in one store and have its meter in the usual folder.
  const folders = isAddress(place) ? [defaultOutput] : [...new Set([place, defaultOutput])];
  const roots = folders.map((folder) => join(resolve(host.cwd, folder), "exec"));
  try {
    if (!isAddress(place)) await settleTicks(resolve(host.cwd, place), host);
    for (const root of roots) {
      if ((await unsettledIn(root)).length === 0) continue;
      await withStoreThatIsThere(word, host, (database) =>
        settleLaunches(
          { database, write: (work) => database.transaction(work), now: () => host.now().getTime() },
          root,
          host,
        ),
      );
    }
  } catch (error) {
    if (!TunewiseError.is(error) || !/^(STORE|RUN_FILE)_/.test(error.code)) throw error;
  }
}

/**
 * Brings the readings of commands into the store that they are noted down in; those of other stores are left alone.
 *
 * @param root folder with one folder per command
 */
export async function settleLaunches(
  desk: Pick<Desk, "database" | "write" | "now">,
  root: string,
  { processes, now }: Pick<Host, "now" | "processes">,
): Promise<void> {
  await endUnstarted(root, {
    ...{ host: processes.host, now, writeWhole: (path, text) => writeWholeFile(path, text) },
    startOf: (pid) => processes.startOf(pid),
    takeLock: (path) => takeLock(path, processes, now(), randomUUID()),
  });
  const registrar = deskRegistrar(desk);
  for (const name of await unsettledIn(root)) {
    const meter = readMeter(join(root, name));
    if (meter === null || meter.status === "starting") continue;
    const run = await findTrackedRunOrNull(desk.database, meter.runId);
    if (run === null || (await findLaunch(desk.database, run.number)) === null) continue;
    if (meter.status === "ended") await reportEnd(registrar, join(root, name), meter);
    else await registrar.report(meter.runId, reportOf(meter));
  }
}

async function unsettledIn(root: string): Promise<string[]> {
  const names = await readdir(root).catch((): string[] => []);
  return names.filter((name) => !existsSync(join(root, name, settledFile))).sort();
}
