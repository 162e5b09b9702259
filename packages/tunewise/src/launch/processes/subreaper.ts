/**
 * @file Makes this process the subreaper of its descendants, so that none escapes by a double fork, and reports whether
 * any is left.
 */
import { readFileSync } from "node:fs";
import koffi from "koffi";

/** @source Linux include/uapi/linux/prctl.h; kernel 3.4 and later */
const setChildSubreaper = 36;
/** @source Linux include/uapi/linux/wait.h */
const [doNotWait, ended, leaveIt] = [1, 4, 0x0100_0000];
const anyChild = 0;
/** Size of `siginfo_t`, and the offset of the process id on 64-bit systems. @source signal.h of Linux */
const [infoBytes, infoPid] = [128, 16];
/** Max. ended orphans reaped per call, so that very many of them do not delay the meter. */
const maxReaped = 20_000;

/** A process that orphans are reparented to. */
export interface Subreaper {
  /**
   * Reaps ended orphans.
   *
   * @param own a child of this process whose exit Node itself waits for; it is not reaped
   * @returns whether children are left, live or not yet reaped; the kernel's answer, so fast forks cannot evade it
   */
  reap(own: number | null): boolean;
  /** Children of this process now, ended ones included. */
  children(): number[];
}

/**
 * Makes this process a subreaper. Returns `null` if the system does not support it or the C library cannot be called;
 * processes are then found only by the run's mark and group.
 *
 * @param pid id of this process
 */
export function becomeSubreaper(platform: string, pid: number): Subreaper | null {
  if (platform !== "linux") return null;
  try {
    const library = koffi.load(null);
    const prctl = library.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
    const waitpid = library.func("waitpid", "int", ["int", "void *", "int"]);
    const waitid = library.func("waitid", "int", ["int", "uint", "void *", "int"]);
    if (prctl(setChildSubreaper, 1, 0, 0, 0) !== 0) return null;
    const info = Buffer.alloc(infoBytes);
    return {
      reap: (own) => {
        for (let count = 0; count < maxReaped; count++) {
          info.fill(0);
          if (waitid(anyChild, 0, info, doNotWait | ended | leaveIt) !== 0) return false;
          const child = info.readInt32LE(infoPid);
          if (child === 0 || child === own) return true;
          waitpid(child, null, doNotWait);
        }
        return true;
      },
      children: () => childrenOf(pid),
    };
  } catch {
    return null;
  }
}

/** Reads the children of the main thread: it starts the command, and orphans are reparented to it. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return []; // the kernel has no such file
  }
}
