/**
 * @file Makes this process the one to which orphans of its descendants come, so that none escapes by a double fork,
 * and tells whether any is left.
 */
import { readFileSync } from "node:fs";
import koffi from "koffi";

/** @source Linux include/uapi/linux/prctl.h; kernel 3.4 and later */
const setChildSubreaper = 36;
/** @source Linux include/uapi/linux/wait.h */
const [doNotWait, ended, leaveIt] = [1, 4, 0x0100_0000];
const anyChild = 0;
/** Size of `siginfo_t`, and where the number of the process stands on 64 bits. @source signal.h of Linux */
const [infoBytes, infoPid] = [128, 16];
/** Ended orphans that are buried at once: a storm of them must not hold up the meter. */
const maxReaped = 20_000;

/** A process to which orphans come. */
export interface Subreaper {
  /**
   * Lets the system forget ended orphans.
   *
   * @param own a child of this process whose exit Node itself waits for; it is left alone
   * @returns whether children are left, living or not yet buried: the kernel's own word, which no fork is too quick for
   */
  reap(own: number | null): boolean;
  /** Children of this process now, ended ones included. */
  children(): number[];
}

/**
 * Takes orphans in from now on. `null` where the system has no such thing or where the C library cannot be called:
 * the run's mark and its group then have to do.
 *
 * @param pid of this process
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

/** Orphans come to the first thread of a process, which also starts the command. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return []; // a kernel without such a file
  }
}
