/** @file Which processes this machine runs: what a lock must know. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { errorCode } from "@tunewise/core/files";

/** This process and its neighbors. */
export interface ProcessTable {
  readonly pid: number;
  /** Name of the machine; of the container, where there is one. */
  readonly host: string;
  /**
   * When a process started, in a form that only compares for equality: a number is used again by another
   * process, but not with the same start. `null`: no such process. `unknown`: it runs, its start cannot be
   * told.
   */
  startOf(pid: number): Promise<string | "unknown" | null>;
  /** Ends a process at once, and those of the group that it leads. */
  endGroup(pid: number): void;
}

/** What the table needs of Node's `process`, which satisfies it. */
export interface OwnProcess {
  readonly pid: number;
  readonly platform: string;
  /** Signal 0 asks whether a process is there, and throws when it is not. A negative number names a group. */
  kill(pid: number, signal: 0 | "SIGKILL"): boolean;
}

/** The table of the machine we run on. */
export function processTable(own: OwnProcess): ProcessTable {
  const startOf = async (id: number): Promise<string | null> => {
    if (!isAlive(id, own)) return null;
    if (own.platform === "linux") return linuxStart(id);
    if (own.platform === "win32") return "unknown";
    return (await psStart(id)) ?? "unknown";
  };
  const endGroup = (id: number): void => void (end(-id, own) || end(id, own));
  return { pid: own.pid, host: hostname(), startOf, endGroup };
}

/** Whether there was something to end, and it was ours. */
function end(id: number, own: OwnProcess): boolean {
  try {
    return own.kill(id, "SIGKILL");
  } catch {
    return false;
  }
}

/** `EPERM` means that it is there and belongs to somebody else. */
function isAlive(id: number, own: OwnProcess): boolean {
  try {
    return own.kill(id, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/**
 * Boot id and start in clock ticks since boot. A process that has ended and that nobody waits for, as in a container
 * whose first process does not, is none any more: `null`.
 *
 * @source fields 3 and 22 of /proc/pid/stat: proc(5); the name in field 2 may hold spaces and brackets, so count
 * behind it
 */
async function linuxStart(id: number): Promise<string | "unknown" | null> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const stat = await readFile(`/proc/${id}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return null;
    return fields[19] ? `${boot.trim()}/${fields[19]}` : "unknown";
  } catch {
    return "unknown";
  }
}

async function psStart(id: number): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(id)]);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}
