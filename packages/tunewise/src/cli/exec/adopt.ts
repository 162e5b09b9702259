/**
 * @file Commands whose guardians are both gone: every command of tunewise that opens a folder of runs finds them, and
 * gives them a supervisor before it does its own work.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isAddress } from "@tunewise/tracker";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { plain } from "../render/terminal.ts";

/** How long a new supervisor has to write its first tick, and time between looks. */
const [patienceMs, lookMs] = [10_000, 50];

/** Folders of commands that a command line is about, from the root. */
export function commandFolders(call: Call, cwd: string): string[] {
  const words = [textFlag(call, "store"), textFlag(call, "output"), ".tunewise"];
  const folders = words.flatMap((word) =>
    word === null || isAddress(word) ? [] : [resolve(cwd, word, "exec")],
  );
  return [...new Set(folders)].filter((folder) => existsSync(folder));
}

/**
 * Gives a supervisor to each orphaned command in the folders that a command line is about, and waits until it has
 * charged for the time without one. A folder that cannot be read is left alone.
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
