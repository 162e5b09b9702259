/**
 * @file A few lines of shell beside a supervisor that survive it: they wait at a pipe whose other end the supervisor
 * holds. The kernel closes that end when the supervisor dies, however it dies, and the shell becomes a supervisor that
 * adopts the command.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { Machine } from "../machine.ts";

/** A watchdog as its supervisor sees it. */
export interface Watchdog {
  /** Sends it away: the run has ended, or was never this supervisor's. */
  dismiss(): void;
}

/** Seconds that a front has to start a supervisor first. */
const frontSeconds = 2;

/**
 * The first shell leaves at once, so that the second one is no child of the supervisor and counts as no process of the
 * run. A line dismisses it; the end of the file, or of its patience with a front, does not.
 */
const script = `trap "" HUP INT TERM QUIT
(
  read -r line <&3 && exit 0
  sleep ${frontSeconds}
  exec 3<&- "$@"
) &
exit 0`;

/**
 * Starts a watchdog. Call it before this process adopts orphans.
 *
 * @returns once it waits; `null` where no shell can be started
 */
export async function startWatchdog(
  machine: Pick<Machine, "supervisor">,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Watchdog | null> {
  const child = spawn("/bin/sh", ["-c", script, "tunewise", ...machine.supervisor, folder], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "pipe"], // Node closes the first three once the first shell leaves
    env: environment,
  });
  const pipe = child.stdio[3] as Socket;
  pipe.on("error", () => undefined); // it was ended
  pipe.unref();
  const [code] = await once(child, "exit").catch(() => [null]);
  child.unref();
  if (code !== 0) return null;
  return {
    dismiss: () => {
      pipe.write("ended\n", () => pipe.destroy());
    },
  };
}
