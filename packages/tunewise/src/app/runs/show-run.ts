/** @file `tunewise runs show` for a run of this engine: its recipe, record and folder. */

import type { Metric, Run } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import type { Artifact, ScoreEntry, SpendEntry } from "@tunewise/tracker";
import { defaultOutput } from "@tunewise/tracker";
import { type Plan, readPlan } from "../../plan/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { readForgettingDocument } from "../../scoring/index.ts";
import { findRun, withStore } from "./find-run.ts";

/** Details of a run of this engine. */
export interface RunDetails {
  readonly run: Run;
  readonly scores: readonly ScoreEntry[];
  /** Absolute path of the run's folder. */
  readonly folder: string;
  readonly plan: Plan | null;
  readonly trainLoss: readonly Metric[];
  readonly validationLoss: readonly Metric[];
  readonly tags: Readonly<Record<string, string>>;
  readonly artifacts: readonly Artifact[];
  readonly spend: readonly SpendEntry[];
  /** `forgetting.json`: both models' results by item, and the outcome; `null` until it exists. */
  readonly forgetting: unknown;
  /** The report as Markdown; `null` until it exists. */
  readonly report: string | null;
}

/**
 * Returns the details of a run.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`
 */
export async function showRun(
  word: string,
  runtime: Runtime,
  output: string = defaultOutput,
): Promise<RunDetails> {
  const { run, folder } = await findRun(word, runtime, output);
  const text = (path: string): Promise<string | null> => readTextFile(path).catch(() => null);
  const plan = await text(folder.plan);
  return withStore(runtime, output, async (store) => ({
    run,
    folder: folder.path,
    plan: plan === null ? null : readPlan(plan).plan,
    scores: await store.scores(run.id),
    trainLoss: await store.metricHistory(run.id, "train/loss"),
    validationLoss: await store.metricHistory(run.id, "validation/loss"),
    tags: await store.tags(run.id),
    artifacts: await store.artifacts(run.id),
    spend: await store.spend(run.id),
    forgetting: await readForgettingDocument(folder),
    report: await text(folder.reportMarkdown),
  }));
}
