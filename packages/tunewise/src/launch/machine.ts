/** @file Interface of the machine that a command runs on, as needed for launching; the caller provides the real one. */

/** Signals that are sent to processes. */
export type Signal = "SIGINT" | "SIGTERM" | "SIGUSR2" | "SIGSTOP" | "SIGCONT" | "SIGKILL";

/** Clock, processes and files of a machine. */
export interface Machine {
  /** Id of this process. */
  readonly pid: number;
  /** Name of the machine, or of the container. */
  readonly host: string;
  /** `linux`, `darwin` ... */
  readonly platform: string;
  /** Whether a run may have its own control group if the system allows it. */
  readonly usesCgroups: boolean;
  /** Program and first arguments of a supervisor; the run's folder is appended. */
  readonly supervisor: readonly string[];
  readonly now: () => Date;
  /** Milliseconds since an origin shared by all processes of this boot; never decreases. */
  readonly monotonicMs: () => number;
  /** Sends a signal to a process, or to a process group if `pid` is negative; throws if there is none. */
  readonly signal: (pid: number, signal: Signal) => void;
  /** Distinguishes processes with the same id. `null`: no process, or an ended one. `unknown`: cannot be determined. */
  readonly startOf: (pid: number) => Promise<string | "unknown" | null>;
  /** Writes a file atomically: completely or not at all. */
  readonly writeWhole: (path: string, text: string) => Promise<void>;
  /** Takes a lock; takes over that of a dead process. Throws if another process holds it. */
  readonly takeLock: (path: string) => Promise<{ release(): Promise<void> }>;
}

/** Identifies a process even if its id is reused later. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string;
}

/** Whether the recorded process still runs. A process with an unknown start does not count as the recorded one. */
export async function isRunning(machine: Machine, identity: ProcessIdentity): Promise<boolean> {
  return (await machine.startOf(identity.pid)) === identity.start && identity.start !== "unknown";
}

/** The current process with an id, or `null` if there is none. */
export async function identify(machine: Machine, pid: number): Promise<ProcessIdentity | null> {
  const start = await machine.startOf(pid);
  return start === null ? null : { pid, start };
}
