/** @file For tests: a folder removed with the test, and a disk that fails at a given operation. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disk, type FileOperations } from "@tunewise/core/files";
import { onTestFinished } from "vitest";

/** Creates a folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-track-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}

/** `once`: one operation fails. `full`: from then on all writes fail. `killed`: from then on all operations fail. */
export type Failure = "once" | "full" | "killed";

/** The real disk until operation number `at` (from 1); `count` returns the number of requested operations. */
export function failingDisk(at: number, failure: Failure): FileOperations & { count(): number } {
  let count = 0;
  const step = (writes: boolean): void => {
    count++;
    const fails = failure === "once" ? count === at : count >= at && (writes || failure === "killed");
    if (fails) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  const wrap =
    <Values extends unknown[], Result>(writes: boolean, work: (...values: Values) => Promise<Result>) =>
    async (...values: Values): Promise<Result> => {
      step(writes);
      return work(...values);
    };
  return {
    count: () => count,
    makeFolder: wrap(true, disk.makeFolder),
    writeSynced: wrap(true, disk.writeSynced),
    createSynced: wrap(true, disk.createSynced),
    syncFile: wrap(true, disk.syncFile),
    syncFolder: wrap(false, disk.syncFolder),
    rename: wrap(false, disk.rename),
    remove: wrap(false, disk.remove),
    list: wrap(false, disk.list),
  };
}
