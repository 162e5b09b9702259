/**
 * @file A shell script that runs beside a supervisor and survives it: it reads from a pipe whose other end the
 * supervisor holds. The kernel closes that end when the supervisor dies, for whatever reason, and the shell becomes a
 * supervisor that adopts the command.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { Machine } from "../machine.ts";

/** Handle of a watchdog for its supervisor. */
export interface Watchdog {
  /** Ends the watchdog, because the run has ended or was never supervised. */
  dismiss(): void;
}

/** Seconds that the front process has to start a supervisor first. */
const frontSeconds = 2;

/**
 * The first shell exits at once, so that the second one is not a child of the supervisor and does not count as a
 * process of the run. A line on the pipe dismisses it. After end of file, it gives the front process time to start a
 * supervisor, then becomes one itself.
 */
const script = `trap "" HUP INT TERM QUIT
(
  read -r line <&3 && exit 0
  sleep ${frontSeconds}
  exec 3<&- "$@"
) &
exit 0`;

/**
 * Starts a watchdog. Call it before this process becomes a subreaper.
 *
 * @returns the watchdog once it is running; `null` if the shell cannot be started
 */
export async function startWatchdog(
  machine: Pick<Machine, "supervisor">,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Watchdog | null> {
  const child = spawn("/bin/sh", ["-c", script, "tunewise", ...machine.supervisor, folder], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "pipe"], // Node closes the first three once the first shell exits
    env: environment,
  });
  const pipe = child.stdio[3] as Socket;
  pipe.on("error", () => undefined); // the watchdog was killed
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
