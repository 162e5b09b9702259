/** @file The machine a command runs on, as far as launching needs it; a face makes the real one. */

/** What is sent to processes. */
export type Signal = "SIGINT" | "SIGTERM" | "SIGUSR2" | "SIGSTOP" | "SIGCONT" | "SIGKILL";

/** Clock, processes and files. */
export interface Machine {
  /** Of this process. */
  readonly pid: number;
  /** Name of the machine; of the container, where there is one. */
  readonly host: string;
  /** `linux`, `darwin` ... */
  readonly platform: string;
  /** Whether a run may have a control group of its own, where the system allows one. */
  readonly usesCgroups: boolean;
  /** Program and first arguments of a supervisor; the run's folder follows. */
  readonly supervisor: readonly string[];
  readonly now: () => Date;
  /** Milliseconds since some start that all processes of this boot share; never goes back. */
  readonly monotonicMs: () => number;
  /** Sends a signal to a process, or with a negative number to a process group; throws where there is none. */
  readonly signal: (pid: number, signal: Signal) => void;
  /** Tells two processes of one number apart; `null`: none, or an ended one; `unknown`: it cannot be told. */
  readonly startOf: (pid: number) => Promise<string | "unknown" | null>;
  /** A file that is there as a whole or not at all. */
  readonly writeWhole: (path: string, text: string) => Promise<void>;
  /** One holder at a time; the lock of a dead one is taken over. Throws where somebody holds it. */
  readonly takeLock: (path: string) => Promise<{ release(): Promise<void> }>;
}

/** A process that is the same one as long as it runs, even when its number is used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string;
}

/** Whether the recorded process still runs; one whose start cannot be told is not taken for it. */
export async function isRunning(machine: Machine, identity: ProcessIdentity): Promise<boolean> {
  return (await machine.startOf(identity.pid)) === identity.start && identity.start !== "unknown";
}

/** The process of a number as it is now, or `null` where there is none. */
export async function identify(machine: Machine, pid: number): Promise<ProcessIdentity | null> {
  const start = await machine.startOf(pid);
  return start === null ? null : { pid, start };
}
