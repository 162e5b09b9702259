/** @file `tunewise compare`: compares runs on one task by score, forgetting and cost. */
import { join } from "node:path";
import { isTraining, type Run, trainingOf, tryOf } from "@tunewise/core/run";
import { defaultOutput, runFolderAt, type ScoreEntry, type Store } from "@tunewise/tracker";
import { metricKinds } from "../../evaluate/index.ts";
import { type MetricName, type Recipe, readConfiguration } from "../../recipe/index.ts";
import type { TryDocument } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { readJudgedRows } from "../../scoring/index.ts";
import { findRun, readTryDocument, withStore } from "../runs/index.ts";
import type { ComparedRun } from "./compared-run.ts";
import { type ComparedVariant, type RunOfVariant, variantsOf } from "./variants.ts";

/**
 * Compared runs, and their aggregates over seeds.
 */
export interface RunComparison {
  readonly runs: readonly ComparedRun[];
  readonly variants: readonly ComparedVariant[];
  /** The latest `tunewise try` on the first run's rows; `null` if there is none. */
  readonly arms: TryDocument | null;
}

/**
 * Compares runs. Defaults to the runs on the newest run's data and model, newest first.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export async function compareRuns(
  words: readonly string[],
  runtime: Runtime,
  output: string = defaultOutput,
): Promise<RunComparison> {
  const runs =
    words.length > 0 ? await findAll(words, runtime, output) : await comparableRuns(runtime, output);
  const [first] = runs;
  if (!first) return { runs: [], variants: [], arms: null };
  return withStore(runtime, output, async (store, absolute) => {
    const found: RunOfVariant[] = [];
    for (const run of runs) {
      const line = comparedRun(run, await store.scores(run.id), first);
      const judged = await readJudgedRows(runFolderAt(join(absolute, "runs", run.id)));
      found.push({ line, configuration: run.configuration, judged });
    }
    const variants = variantsOf(found.filter(({ line }) => line.method !== ""));
    return { runs: found.map(({ line }) => line), variants, arms: await latestTry(store, absolute, first) };
  });
}

async function findAll(words: readonly string[], runtime: Runtime, output: string): Promise<Run[]> {
  const found: Run[] = [];
  for (const word of words) found.push((await findRun(word, runtime, output)).run);
  return found;
}

async function comparableRuns(runtime: Runtime, output: string): Promise<Run[]> {
  const { run: newest } = await findRun("latest", runtime, output);
  const runs = await withStore(runtime, output, (store) => store.listRuns({ limit: 200 }));
  const trainings = runs.filter((run) => isTraining(run));
  return trainings.filter((run) => run.id === newest.id || differencesOf(run, newest).length === 0);
}

/** Differences that make two runs incomparable: model, data, task and decoding. */
function differencesOf(run: Run, other: Run): string[] {
  const [own, others] = [taskOf(run), taskOf(other)];
  return [
    ...(run.model === other.model && run.modelRevision === other.modelRevision ? [] : ["model"]),
    ...(own === others ? [] : ["data or task"]),
    ...(decodingOfRun(run) === decodingOfRun(other) ? [] : ["decoding"]),
  ];
}

/** Constrained answers are not comparable with free ones. */
function decodingOfRun({ configuration }: Run): string | null {
  return recipeOf(configuration)?.evaluation.decoding ?? null;
}

/** Data and task of a run's recipe as text, without replayed rows. */
function taskOf({ configuration, dataFingerprint }: Run): string {
  const recipe = recipeOf(configuration);
  return recipe ? JSON.stringify([recipe.data, recipe.task, recipe.evaluation.rows]) : dataFingerprint;
}

function recipeOf(configuration: string): Recipe | null {
  return readConfiguration(configuration, "configuration.json").recipe;
}

/** A run as a line of the comparison. @param first the run to compare with */
export function comparedRun(run: Run, scores: readonly ScoreEntry[], first: Run): ComparedRun {
  const recipe = recipeOf(run.configuration);
  const metric = recipe?.task.metrics[0] ?? null;
  // a invalid score cannot be compared
  const of = (arm: string): ScoreEntry | undefined =>
    scores.find((one) => one.arm === arm && one.metric === metric && Number.isFinite(one.value));
  const summary = trainingOf(run);
  const { judgement = null, forgetting = null } = summary ?? {};
  const tuned = of("tuned");
  return {
    id: run.id,
    status: run.status,
    method: recipe ? methodText(recipe) : "",
    metric,
    tuned: tuned ? { value: tuned.value, low: tuned.low, high: tuned.high } : null,
    base: of("base")?.value ?? null,
    trivial: bestTrivialOf(metric, scores),
    result: judgement === null ? null : `${judgement.title}: ${judgement.sentence}`,
    validationLoss: summary?.validation_loss ?? null,
    perplexityRise: forgetting?.perplexity_rise ?? null,
    taskDrop: forgetting?.task_drop ?? null,
    forgetting: forgetting?.verdict ?? null,
    memoryBytesPeak: summary?.memory_bytes_peak ?? null,
    wallSeconds: run.wallSeconds,
    spentMicroUsd: run.spentMicroUsd,
    incomparableBecause: differencesOf(run, first),
  };
}

function bestTrivialOf(metric: MetricName | null, scores: readonly ScoreEntry[]): number | null {
  const sign = metric !== null && metricKinds[metric].higherIsBetter ? 1 : -1;
  const values = scores
    .filter((one) => one.metric === metric && !models.has(one.arm) && Number.isFinite(one.value))
    .map(({ value }) => sign * value);
  return values.length === 0 ? null : sign * Math.max(...values);
}

/** Recorded arms that are models. All others are trivial baselines. */
const models: ReadonlySet<string> = new Set(["base", "tuned"]);

function methodText({ method, regularization }: Recipe): string {
  const what = { lora: `LoRA ${method.rank}`, qlora: `QLoRA ${method.rank}`, full: "all weights" }[
    method.kind
  ];
  const held = {
    none: "",
    ewc: ` + EWC ${regularization.lambda}`,
    "l2-sp": ` + L2-SP ${regularization.lambda}`,
    replay: ` + replay ${Math.round(100 * regularization.share)} %`,
  }[regularization.method];
  return what + held;
}

/** Maximum number of tries to examine. */
const maxTries = 500;

/** Returns the newest completed try on a run's data and model, or `null` if there is none or it cannot be read. */
export async function latestTry(
  store: Store,
  output: string,
  { dataFingerprint, modelRevision }: Pick<Run, "dataFingerprint" | "modelRevision">,
): Promise<TryDocument | null> {
  const runs = await store.listRuns({ status: "completed", dataFingerprint, limit: maxTries });
  const found = runs.find((run) => tryOf(run) !== null && run.modelRevision === modelRevision);
  // a missing report must not hide the runs that the user asked for
  return found ? readTryDocument(runFolderAt(join(output, "runs", found.id))).catch(() => null) : null;
}
