/** @file The headline result of a run of any client: the last value of its best held-out metric. */

import { type Reader, readKeys, readLatest, runsOfLaunch, type TrackedRun } from "@tunewise/tracker";
import { metricKinds } from "../../../evaluate/index.ts";
import { metricNames } from "../../../recipe/index.ts";

/**
 * Metric keys of results in order of preference: those of tasks, then those of the model's loss. Each may have a prefix
 * or suffix that marks held-out data.
 */
const resultKeys: readonly string[] = [
  ...["accuracy", "acc", "f1", "exact_match", "rouge_l", "rougeL", "bleu", "auc", "mse"],
  ...metricNames.filter((name) => metricKinds[name].needs === "answers"),
  ...metricNames.filter((name) => metricKinds[name].needs === "loss"),
  "loss",
];
const heldOut = /^(test|eval|evaluation|val|valid|validation)[_/.]|[_/.](test|eval|val|validation)$/i;

/** Result and cost of a run. For a command, includes the runs it logged. */
export async function resultAndCost(
  reader: Reader,
  run: TrackedRun,
): Promise<{ readonly result: string | null; readonly microUsd: number }> {
  const runs = run.client === "exec" ? [run, ...(await runsOfLaunch(reader, run.number))] : [run];
  let result: string | null = null;
  for (const { number } of runs) result = (await headlineOf(reader, number)) ?? result;
  return { result, microUsd: runs.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0) };
}

/** For example `eval_accuracy 0.912`; `null` if the run logged nothing. */
export async function headlineOf(reader: Reader, run: number): Promise<string | null> {
  const keys = (await readKeys(reader, run)).filter((key) => !/^system[/.]/.test(key));
  const key = bestKey(keys.filter((name) => heldOut.test(name))) ?? bestKey(keys);
  if (key === null) return null;
  const latest = await readLatest(reader, run, key);
  return latest === null ? null : `${key} ${Number(latest.toPrecision(4))}`;
}

function bestKey(keys: readonly string[]): string | null {
  for (const measure of resultKeys) {
    const found = keys.find((key) =>
      key.toLowerCase().split(/[/.]/).join("_").endsWith(measure.toLowerCase()),
    );
    if (found !== undefined) return found;
  }
  return null;
}
