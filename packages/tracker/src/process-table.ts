/** @file Processes on this machine, as needed by locks. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { errorCode } from "@tunewise/core/files";

/** This process and the others on its machine. */
export interface ProcessTable {
  readonly pid: number;
  /** Host name; in a container, that of the container. */
  readonly host: string;
  /**
   * Start of a process, in a form that is only compared for equality. Process ids are reused, but not with the same
   * start. `null`: no such process. `unknown`: the process exists, but its start cannot be determined.
   */
  startOf(pid: number): Promise<string | "unknown" | null>;
  /** Kills a process and the process group that it leads. */
  endGroup(pid: number): void;
}

/** The part of Node's `process` that is needed. */
export interface OwnProcess {
  readonly pid: number;
  readonly platform: string;
  /** Signal 0 checks whether a process exists, and throws if not. A negative number refers to a process group. */
  kill(pid: number, signal: 0 | "SIGKILL"): boolean;
}

/** The process table of this machine. */
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

/** Kills a process or group. Returns `false` if it does not exist or belongs to another user. */
function end(id: number, own: OwnProcess): boolean {
  try {
    return own.kill(id, "SIGKILL");
  } catch {
    return false;
  }
}

/** `EPERM` means that the process exists but belongs to another user. */
function isAlive(id: number, own: OwnProcess): boolean {
  try {
    return own.kill(id, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/**
 * Boot id, and start in clock ticks since boot. `null` for a zombie, which can persist in a container whose first
 * process does not wait for children.
 *
 * @source fields 3 and 22 of /proc/pid/stat: proc(5); the name in field 2 may contain spaces and brackets, so count
 *   after it
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
