/** @file Starts a supervisor: a process in its own session, which Ctrl-C and a closed terminal do not reach. */
import { spawn } from "node:child_process";
import type { Machine } from "./machine.ts";
import { meterFrom } from "./meter/meter-file.ts";
import type { Unsaved } from "./meter/meter-keeper.ts";
import type { Standing } from "./supervise.ts";

/** Handle of a supervisor for its starter. */
export interface SupervisorHandle {
  readonly gone: Promise<void>;
  isGone(): boolean;
  /** Its last report; `null` before the first one. */
  lastReport(): Standing | null;
  /** Wakes or kills the supervisor. While it is not gone, its id cannot belong to another process. */
  signal(signal: "SIGCONT" | "SIGKILL"): void;
  /** Disconnects from the supervisor, which continues alone. */
  leave(): void;
}

/**
 * Starts a supervisor. It passes its streams on to the command and writes nothing itself.
 *
 * @param command `null` for a supervisor that only adopts a running command and has no streams
 */
export function startSupervisor(
  machine: Machine,
  folder: string,
  command: readonly string[] | null,
  environment: Readonly<Record<string, string | undefined>>,
): SupervisorHandle {
  const [program = "", ...words] = machine.supervisor;
  // Only the command and its descendants have the run's mark.
  const { TUNEWISE_RUN_ID: _, ...unmarked } = environment;
  const child = spawn(program, [...words, folder, ...(command === null ? [] : ["--", ...command])], {
    detached: true,
    stdio: command === null ? "ignore" : ["inherit", "inherit", "inherit", "ipc"],
    env: unmarked,
  });
  let last: Standing | null = null;
  child.on("message", (message) => {
    last = standingFrom(message) ?? last;
  });
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    const leave = (): void => {
      isGone = true;
      resolve();
    };
    child.once("exit", leave);
    child.once("error", leave);
  });
  if (command === null) child.unref();
  return {
    gone,
    isGone: () => isGone,
    lastReport: () => last,
    signal: (signal) => void child.kill(signal),
    leave: () => {
      if (child.connected) child.disconnect();
      child.unref();
    },
  };
}

function standingFrom(message: unknown): Standing | null {
  const { meter: told, unsaved } = (message ?? {}) as Partial<Record<keyof Standing, unknown>>;
  const meter = meterFrom(told);
  if (meter === null) return null;
  const { ms, code } = (unsaved ?? {}) as Partial<Record<keyof Unsaved, unknown>>;
  return { meter, unsaved: typeof ms === "number" && typeof code === "string" ? { ms, code } : null };
}
