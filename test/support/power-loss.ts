/**
 * @file For tests: what a power cut would lose, given a trace of disk operations. A file's content survives if the file
 * was synced, a name if its folder was.
 */
import { posix } from "node:path";

/** Operations that leave a file's content unsynced. */
const writes = new Set(["write", "writev", "writeFile", "appendFile", "truncate", "copyFile"]);

/**
 * Finds acknowledged files that were renamed, or left at the end, without being synced.
 *
 * @param trace operations in order, as recorded by `injectFaults`: `write PATH`, `sync PATH`, `rename PATH > PATH` ...
 * @param isAcknowledged whether a path holds acknowledged or charged state
 * @returns one sentence each; empty if a power cut loses nothing
 */
export function lostInPowerCut(
  trace: readonly string[],
  isAcknowledged: (path: string) => boolean,
): string[] {
  const lost: string[] = [];
  const unsynced = new Set<string>();
  /** Folders with renames since their last sync, and the new name. */
  const unnamed = new Map<string, string>();
  for (const operation of trace) {
    const [, name = "", path = "", , to = ""] = /^(\S+) (.*?)( > (.*))?$/.exec(operation) ?? [];
    const bare = name.replace(/Sync$/, "");
    if (writes.has(bare)) unsynced.add(path);
    if (bare === "sync" || bare === "datasync") {
      unsynced.delete(path);
      unnamed.delete(path);
    }
    if (["rm", "unlink", "rmdir"].includes(bare)) forget(path, unsynced, unnamed);
    if (bare !== "rename") continue;
    for (const file of [...unsynced].filter((one) => isWithin(one, path))) {
      if (isAcknowledged(to)) lost.push(`${file} was renamed to ${to} before it was synced`);
      unsynced.delete(file);
      unsynced.add(to + file.slice(path.length));
    }
    if (isAcknowledged(to)) unnamed.set(posix.dirname(to), to);
  }
  lost.push(...[...unsynced].filter(isAcknowledged).map((file) => `${file} was never synced`));
  lost.push(...[...unnamed.values()].map((name) => `the name of ${name} was never synced`));
  return lost;
}

function forget(path: string, unsynced: Set<string>, unnamed: Map<string, string>): void {
  for (const file of unsynced) if (isWithin(file, path)) unsynced.delete(file);
  for (const [folder, name] of unnamed) if (isWithin(name, path)) unnamed.delete(folder);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
