/** @file Starts this program as a separate process for the server: without a shell, in its own process group. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { StartProgram } from "../../app/dashboard/index.ts";

/** Time that a process has to end by itself after a request. */
const graceMs = 5_000;

/** @param node the Node executable and its flags, then this program's file */
export function ownProgram(
  [program = "", ...first]: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): StartProgram {
  return (words, { cwd, log, isOffline }) => {
    // fails if the log exists, so that nothing starts in place of another process
    const file = log === null ? null : openSync(log, "wx", 0o600);
    const child = spawn(program, [...first, ...words], {
      cwd,
      detached: true,
      shell: false,
      stdio: file === null ? ["ignore", "pipe", "ignore"] : ["ignore", file, file],
      env: { ...environment, ...(isOffline ? { HF_HUB_OFFLINE: "1" } : {}) },
    });
    if (file !== null) {
      closeSync(file);
      child.unref();
    }
    const ended = new Promise<number | null>((end) => {
      child.once("error", () => end(null));
      child.once("close", (code) => end(code));
    });
    const signal = (name: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        child.kill(name); // the group has ended, or the system has no process groups
      }
    };
    return {
      stdout: child.stdout,
      ended,
      stop: () => {
        signal("SIGTERM");
        const late = setTimeout(() => signal("SIGKILL"), graceMs);
        void ended.then(() => clearTimeout(late));
      },
    };
  };
}
