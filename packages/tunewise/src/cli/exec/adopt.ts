/**
 * @file Adopts commands whose supervisor and watchdog have both died: every tunewise command that opens a folder of
 * runs starts new supervisors for them before it does its own work.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isAddress } from "@tunewise/tracker";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { plain } from "../render/terminal.ts";

/** Time limit for a new supervisor's first tick, and the polling interval. */
const [patienceMs, lookMs] = [10_000, 50];

/** Absolute paths of the existing folders of commands that a command line refers to. */
export function commandFolders(call: Call, cwd: string): string[] {
  const words = [textFlag(call, "store"), textFlag(call, "output"), ".tunewise"];
  const folders = words.flatMap((word) =>
    word === null || isAddress(word) ? [] : [resolve(cwd, word, "exec")],
  );
  return [...new Set(folders)].filter((folder) => existsSync(folder));
}

/**
 * Starts a supervisor for each orphaned command in the folders of a command line, and waits until it has charged for
 * the time without one. Skips folders that cannot be read.
 */
export async function adoptCommands(call: Call, console: Console): Promise<void> {
  const roots = commandFolders(call, console.io.cwd);
  if (roots.length === 0) return;
  const [{ adoptOrphans, readMeter }, { createMachine }] = await Promise.all([
    import("../../launch/index.ts"),
    import("./machine.ts"),
  ]);
  const machine = createMachine();
  for (const root of roots) {
    const adopted = await adoptOrphans(root, machine, console.io.env);
    for (const { runId, command } of adopted)
      console.info(`run ${runId} (${plain(command)}) had lost its meter; it has a new one`);
    const until = machine.monotonicMs() + patienceMs;
    for (const { runId, supervisors } of adopted) {
      const isTicking = (): boolean =>
        (readMeter(join(root, runId))?.supervisors ?? supervisors + 1) > supervisors;
      while (!isTicking() && machine.monotonicMs() < until) await wait(lookMs);
    }
  }
}
