/**
 * @file The one number by which a run of any client is remembered: the last value of what it measured on held-out rows.
 */
import { type Reader, readKeys, readLatest, runsOfLaunch, type TrackedRun } from "../../../track/index.ts";

/** Keys of results, the most telling first; each also behind or before a word for held-out rows. */
const measures = [
  "accuracy",
  "acc",
  "f1",
  "exact_match",
  "rouge_l",
  "rougeL",
  "bleu",
  "auc",
  "mse",
  "perplexity",
  "loss",
];
const heldOut = /^(test|eval|evaluation|val|valid|validation)[_/.]|[_/.](test|eval|val|validation)$/i;

/** What a run gave and cost; a command together with the runs that it logged. */
export async function remembered(
  reader: Reader,
  run: TrackedRun,
): Promise<{ readonly result: string | null; readonly microUsd: number }> {
  const runs = run.client === "exec" ? [run, ...(await runsOfLaunch(reader, run.number))] : [run];
  let result: string | null = null;
  for (const { number } of runs) result = (await headlineOf(reader, number)) ?? result;
  return { result, microUsd: runs.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0) };
}

/** `eval_accuracy 0.912`; `null` where a run logged nothing. */
export async function headlineOf(reader: Reader, run: number): Promise<string | null> {
  const keys = (await readKeys(reader, run)).filter((key) => !/^system[/.]/.test(key));
  const key = best(keys.filter((name) => heldOut.test(name))) ?? best(keys);
  if (key === null) return null;
  const latest = await readLatest(reader, run, key);
  return latest === null ? null : `${key} ${Number(latest.toPrecision(4))}`;
}

function best(keys: readonly string[]): string | null {
  for (const measure of measures) {
    const found = keys.find((key) =>
      key.toLowerCase().split(/[/.]/).join("_").endsWith(measure.toLowerCase()),
    );
    if (found !== undefined) return found;
  }
  return null;
}
