/** @file The lock of a run folder, held by one process at a time. The lock of a dead process is taken over. */
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { disk, errorCode, errorReason } from "@tunewise/core/files";
import { problem } from "./problem/index.ts";
import type { ProcessTable } from "./process-table.ts";

/** Content of the lock file, as JSON. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** As returned by `ProcessTable.startOf`. */
  readonly start: string;
  /** ISO time at which the lock was taken, for display. */
  readonly since: string;
  /** Distinguishes locks taken by the same process. */
  readonly token: string;
}

/** A lock that is held. */
export interface Lock {
  readonly holder: LockHolder;
  /** Whether a lock left by a process that has ended was taken over. */
  readonly takenOver: boolean;
  /** Whether we still hold the lock; check this before anything that must not happen twice. */
  isHeld(): Promise<boolean>;
  /**
   * Releases the lock, unless another process holds it now. Failing to delete the file is not an error, because the
   * lock becomes stale when this process ends.
   */
  release(): Promise<void>;
}

/**
 * Takes the lock of a run.
 *
 * The lock file is published with its content by a hard link, so that nobody reads a partial lock. If the process that
 * left a lock has ended (no process has its number, or the process has another start time), the lock is moved aside and
 * checked again before it is deleted. If two processes find it stale, only one wins. A lock from another machine is
 * always respected.
 *
 * @param path the `lock` file of the run folder
 * @param processes usually `processTable(process)`
 * @param token random text
 * @throws {TunewiseError} `RUN_LOCKED` with the holder, `RUN_FILE_WRITE_FAILED`
 */
export async function takeLock(
  path: string,
  processes: ProcessTable,
  now: Date,
  token: string,
): Promise<Lock> {
  const { pid, host } = processes;
  const start = (await processes.startOf(pid)) ?? "unknown";
  const holder: LockHolder = { pid, host, start, since: now.toISOString(), token };
  let takenOver = false;
  // Each round takes the lock, meets a living holder, or clears one stale lock; competitors add a few rounds.
  for (let round = 0; round < 10; round++) {
    if (await putLock(path, holder)) return heldLock(path, holder, takenOver);
    const found = await readLock(path);
    if (found === "gone") continue;
    if (found !== "unreadable" && (await isAlive(found, processes))) throw locked(path, found);
    if (await dropLock(path, found, token)) takenOver = true;
  }
  const found = await readLock(path);
  throw locked(path, typeof found === "string" ? holder : found);
}

/** Whether a living process holds the lock. */
export async function isLocked(path: string, processes: ProcessTable): Promise<boolean> {
  const found = await readLock(path);
  return typeof found !== "string" && (await isAlive(found, processes));
}

function heldLock(path: string, holder: LockHolder, takenOver: boolean): Lock {
  const isHeld = async (): Promise<boolean> => {
    const found = await readLock(path);
    return typeof found !== "string" && found.token === holder.token;
  };
  return {
    holder,
    takenOver,
    isHeld,
    release: async () => {
      await remove(`${path}.${holder.token}`);
      if (await isHeld()) await remove(path);
    },
  };
}

/** Creates the lock file. Returns `false` if one exists. */
async function putLock(path: string, holder: LockHolder): Promise<boolean> {
  const draft = `${path}.${holder.token}`;
  const text = `${JSON.stringify(holder)}\n`;
  try {
    await writeFile(draft, text);
  } catch (cause) {
    await remove(draft);
    throw writeFailed(path, cause);
  }
  try {
    await link(draft, path);
    return true;
  } catch (cause) {
    // Either a lock exists, or its holder deleted our draft as a leftover.
    if (["EEXIST", "ENOENT"].includes(errorCode(cause))) return false;
    if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(errorCode(cause))) {
      return putLockWithoutLinks(path, text);
    }
    throw writeFailed(path, cause);
  } finally {
    await remove(draft); // Whether the lock is held does not depend on the draft.
  }
}

/** Deletes an unneeded file. Tries twice, because a failed disk operation may succeed the second time. */
async function remove(path: string): Promise<void> {
  const once = (): Promise<void> => rm(path, { force: true });
  await once()
    .catch(once)
    .catch(() => undefined);
}

/**
 * Deletes what ended processes left while taking a lock: drafts, and stale locks that were moved aside.
 *
 * @param path the lock
 * @param processes usually `processTable(process)`
 */
export async function removeLockDrafts(path: string, processes: ProcessTable): Promise<void> {
  for (const name of await disk.list(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const draft = join(dirname(path), name);
    const found = await readLock(draft);
    // A file of a living process may be a valid lock that was moved aside by mistake and is about to be restored.
    if (typeof found === "string" || !(await isAlive(found, processes))) await remove(draft);
  }
}

/** Fallback for file systems without hard links (FAT, some network drives). */
async function putLockWithoutLinks(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") return false;
    throw writeFailed(path, cause);
  }
}

function writeFailed(path: string, cause: unknown): Error {
  const about = { path, folder: dirname(path), reason: errorReason(cause) };
  return problem("RUN_FILE_WRITE_FAILED", about, { cause });
}

async function readLock(path: string): Promise<LockHolder | "gone" | "unreadable"> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    const { pid, host, start, since, token } = value as Record<keyof LockHolder, unknown>;
    if (typeof pid !== "number" || typeof token !== "string") return "unreadable";
    return { pid, host: String(host), start: String(start), since: String(since), token };
  } catch (error) {
    return errorCode(error) === "ENOENT" ? "gone" : "unreadable";
  }
}

/** Whether a process still runs. A process on another machine is assumed to. */
export async function isAlive(
  holder: Pick<LockHolder, "pid" | "host" | "start">,
  processes: ProcessTable,
): Promise<boolean> {
  if (holder.host !== processes.host) return true;
  const start = await processes.startOf(holder.pid);
  if (start === null) return false;
  return start === "unknown" || holder.start === "unknown" || start === holder.start;
}

/** Moves a stale lock aside and deletes it; restores it if it turns out to be a new one. */
async function dropLock(path: string, stale: LockHolder | "unreadable", token: string): Promise<boolean> {
  const aside = `${path}.stale-${token}`;
  try {
    await rename(path, aside);
  } catch {
    return false;
  }
  const found = await readLock(aside);
  const same =
    typeof stale === "string" ? found === stale : typeof found !== "string" && found.token === stale.token;
  if (!same) await link(aside, path).catch(() => undefined);
  await remove(aside);
  return same;
}

function locked(path: string, holder: LockHolder): Error {
  const folder = dirname(path);
  return problem("RUN_LOCKED", { path: folder, pid: holder.pid, host: holder.host, since: holder.since });
}
