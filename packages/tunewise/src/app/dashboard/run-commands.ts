/** @file The commands that give the same facts, and those that run, resume and repeat a run: ready to paste. */
import { findLaunch, type Reader, type TrackedRun } from "@tunewise/tracker";
import type { OwnRun } from "./own-run.ts";

/** Commands; `null`: there is no such command for the run. */
export interface RunCommands {
  readonly show: string;
  readonly stop: string | null;
  /** How it was started. */
  readonly run: string | null;
  readonly resume: string | null;
  readonly repeat: string | null;
}

/**
 * The commands of a run.
 *
 * @param own path of the recipe of a run of this engine, if it is known, and what replaced parts of it
 * @param isTry whether the run compares baselines: `try` repeats it, not `run`
 */
export async function runCommands(
  reader: Reader,
  tracked: TrackedRun,
  own: Pick<OwnRun, "recipePath" | "recipeSettings"> | null,
  isTry: boolean,
): Promise<RunCommands> {
  const id = quoted(tracked.id);
  const isAtWork = tracked.status === "running" || tracked.status === "scheduled";
  const launch = await findLaunch(reader, tracked.number);
  const set = own?.recipeSettings ? ` --set ${quoted(own.recipeSettings)}` : "";
  const recipe = own === null ? null : `${quoted(own.recipePath ?? "tunewise.yaml")}${set}`;
  const started = launch
    ? `tunewise exec -- ${launch.command}`
    : recipe === null
      ? null
      : `tunewise ${isTry ? "try" : "run"} ${recipe}`;
  const why = quoted(`repeats ${tracked.id}`);
  const hasLeft = own !== null && ["stopped", "interrupted", "failed"].includes(tracked.status);
  return {
    show: `tunewise runs show ${id}`,
    stop: isAtWork ? `tunewise runs stop ${id}` : null,
    run: started,
    // the same try again asks only what it has not asked yet
    resume: !hasLeft ? null : isTry ? started : `tunewise resume ${id}`,
    repeat: launch
      ? `tunewise exec --force ${why} -- ${launch.command}`
      : started && `${started} ${isTry ? "--fresh" : `--force ${why}`}`,
  };
}

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
