/**
 * @file Makes this process the one to which orphans of its descendants come, so that none escapes by a double fork.
 */
import koffi from "koffi";

/** @source Linux include/uapi/linux/prctl.h; kernel 3.4 and later */
const setChildSubreaper = 36;
/** @source POSIX sys/wait.h, Linux's value */
const doNotWait = 1;

/** A process to which orphans come. */
export interface Subreaper {
  /** Lets the system forget an ended orphan; one that still runs is left alone. */
  bury(pid: number): void;
}

/**
 * Takes orphans in from now on. `null` where the system has no such thing or where the C library cannot be called:
 * the run's mark and its group then have to do.
 */
export function becomeSubreaper(platform: string): Subreaper | null {
  if (platform !== "linux") return null;
  try {
    const library = koffi.load(null);
    const prctl = library.func("prctl", "int", ["int", "ulong", "ulong", "ulong", "ulong"]);
    const waitpid = library.func("waitpid", "int", ["int", "void *", "int"]);
    if (prctl(setChildSubreaper, 1, 0, 0, 0) !== 0) return null;
    return {
      bury: (pid) => {
        waitpid(pid, null, doNotWait);
      },
    };
  } catch {
    return null;
  }
}
