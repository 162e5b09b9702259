/** @file Starts a supervisor: a process of a session of its own, which no Ctrl-C and no closed terminal reaches. */
import { spawn } from "node:child_process";
import type { Machine } from "./machine.ts";
import { meterFrom } from "./meter/meter-file.ts";
import type { Unsaved } from "./meter/meter-keeper.ts";
import type { Standing } from "./supervise.ts";

/** A supervisor as its starter sees it. */
export interface SupervisorHandle {
  readonly gone: Promise<void>;
  isGone(): boolean;
  /** What it told last; `null`: nothing yet. */
  lastReport(): Standing | null;
  /** Wakes it where it was put to sleep, or ends it; nobody else has its number while it is not gone. */
  signal(signal: "SIGCONT" | "SIGKILL"): void;
  /** Lets it go on alone. */
  leave(): void;
}

/**
 * Starts one. It hands its streams on to the command and writes nothing itself.
 *
 * @param command `null`: it only adopts what runs already, and has no streams
 */
export function startSupervisor(
  machine: Machine,
  folder: string,
  command: readonly string[] | null,
  environment: Readonly<Record<string, string | undefined>>,
): SupervisorHandle {
  const [program = "", ...words] = machine.supervisor;
  // Only the command and what it starts carry the run's mark.
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
