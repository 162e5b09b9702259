/**
 * @file Starts a supervisor: a process of a session of its own, which no Ctrl-C and no closed terminal reaches.
 */
import { spawn } from "node:child_process";
import type { Machine } from "./machine.ts";

/** A supervisor as its starter sees it. */
export interface Helper {
  readonly gone: Promise<void>;
  isGone(): boolean;
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
): Helper {
  const [program = "", ...words] = machine.supervisor;
  // Only the command and what it starts carry the run's mark.
  const { TUNEWISE_RUN_ID: _, ...unmarked } = environment;
  const child = spawn(program, [...words, folder, ...(command === null ? [] : ["--", ...command])], {
    detached: true,
    stdio: command === null ? "ignore" : "inherit",
    env: unmarked,
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
  return { gone, isGone: () => isGone };
}
