/** @file Commands to show, start, resume and repeat a run, ready to paste. */
import { shellWord } from "@tunewise/core/format";
import { findLaunch, type Reader, type TrackedRun } from "@tunewise/tracker";
import type { OwnRun } from "./own-run.ts";

/** Commands; `null` if a command does not apply to the run. */
export interface RunCommands {
  readonly show: string;
  readonly stop: string | null;
  /** The command that started the run. */
  readonly run: string | null;
  readonly resume: string | null;
  readonly repeat: string | null;
}

/**
 * Builds the commands of a run.
 *
 * @param own recipe path of a run of this engine, if known, and its overridden settings
 * @param isTry whether the run compares baselines, so that `try` repeats it instead of `run`
 */
export async function runCommands(
  reader: Reader,
  tracked: TrackedRun,
  own: Pick<OwnRun, "recipePath" | "recipeSettings"> | null,
  isTry: boolean,
): Promise<RunCommands> {
  const id = shellWord(tracked.id);
  const isAtWork = tracked.status === "running" || tracked.status === "scheduled";
  const launch = await findLaunch(reader, tracked.number);
  const set = own?.recipeSettings ? ` --set ${shellWord(own.recipeSettings)}` : "";
  const recipe = own === null ? null : `${shellWord(own.recipePath ?? "tunewise.yaml")}${set}`;
  const started = launch
    ? `tunewise exec -- ${launch.command}`
    : recipe === null
      ? null
      : `tunewise ${isTry ? "try" : "run"} ${recipe}`;
  const why = shellWord(`repeats ${tracked.id}`);
  const hasLeft = own !== null && ["stopped", "interrupted", "failed"].includes(tracked.status);
  return {
    show: `tunewise runs show ${id}`,
    stop: isAtWork ? `tunewise runs stop ${id}` : null,
    run: started,
    // an identical try asks only the questions that have no answer yet
    resume: !hasLeft ? null : isTry ? started : `tunewise resume ${id}`,
    repeat: launch
      ? `tunewise exec --force ${why} -- ${launch.command}`
      : started && `${started} ${isTry ? "--fresh" : `--force ${why}`}`,
  };
}
