/** @file The headline result of a run of any client: the last value of its best held-out metric. */

import type { Reader } from "../database/database.ts";
import { runsOfLaunch } from "../ledger/launches.ts";
import { readKeys, readLatest } from "../points/history.ts";
import type { TrackedRun } from "../tracking/types.ts";

/**
 * Metric keys of results in order of preference. Each may have a prefix or suffix that marks held-out data.
 *
 * @param metrics names of the program's own metrics
 */
function resultKeys(metrics: readonly string[]): readonly string[] {
  const common = ["accuracy", "acc", "f1", "exact_match", "rouge_l", "rougeL", "bleu", "auc", "mse"];
  return [...common, ...metrics, "loss"];
}
const heldOut = /^(test|eval|evaluation|val|valid|validation)[_/.]|[_/.](test|eval|val|validation)$/i;

/** Result and cost of a run. For a command, includes the runs it logged. @param metrics as in `headlineOf` */
export async function resultAndCost(
  reader: Reader,
  run: TrackedRun,
  metrics: readonly string[],
): Promise<{ readonly result: string | null; readonly microUsd: number }> {
  const runs = run.client === "exec" ? [run, ...(await runsOfLaunch(reader, run.number))] : [run];
  let result: string | null = null;
  for (const { number } of runs) result = (await headlineOf(reader, number, metrics)) ?? result;
  return { result, microUsd: runs.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0) };
}

/**
 * For example `eval_accuracy 0.912`; `null` if the run logged nothing.
 *
 * @param metrics names of the program's own metrics, best first; common ones come before them
 */
export async function headlineOf(
  reader: Reader,
  run: number,
  metrics: readonly string[],
): Promise<string | null> {
  const measures = resultKeys(metrics);
  const keys = (await readKeys(reader, run)).filter((key) => !/^system[/.]/.test(key));
  const key =
    bestKey(
      keys.filter((name) => heldOut.test(name)),
      measures,
    ) ?? bestKey(keys, measures);
  if (key === null) return null;
  const latest = await readLatest(reader, run, key);
  return latest === null ? null : `${key} ${Number(latest.toPrecision(4))}`;
}

function bestKey(keys: readonly string[], measures: readonly string[]): string | null {
  for (const measure of measures) {
    const found = keys.find((key) =>
      key.toLowerCase().split(/[/.]/).join("_").endsWith(measure.toLowerCase()),
    );
    if (found !== undefined) return found;
  }
  return null;
}
