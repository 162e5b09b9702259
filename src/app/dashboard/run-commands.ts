/** @file The commands that give the same facts, and those that run, resume and repeat a run: ready to paste. */
import type { Run } from "../../run/index.ts";
import { findLaunch, type Reader, type TrackedRun } from "../../track/index.ts";

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
 * @param own a run of this engine, the path of its recipe, if it is known, and what replaced parts of it
 */
export async function runCommands(
  reader: Reader,
  tracked: TrackedRun,
  own: { readonly run: Run; readonly recipePath: string | null; readonly recipeSettings: string } | null,
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
      : `tunewise run ${recipe}`;
  const why = quoted(`repeats ${tracked.id}`);
  const isResumable = own !== null && ["stopped", "interrupted", "failed"].includes(tracked.status);
  return {
    show: `tunewise runs show ${id}`,
    stop: isAtWork ? `tunewise runs stop ${id}` : null,
    run: started,
    resume: isResumable ? `tunewise resume ${id}` : null,
    repeat: launch
      ? `tunewise exec --force ${why} -- ${launch.command}`
      : started && `${started} --force ${why}`,
  };
}

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
