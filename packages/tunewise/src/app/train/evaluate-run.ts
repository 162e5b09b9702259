/** @file `tunewise runs evaluate`: evaluates a run's model again, on its own test rows or on other rows. */

import { answerRows, rowsToEvaluate } from "../../executors/index.ts";
import { loadTuned, type OnDownload, openPreparedBase, prepare } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import {
  judgeScores,
  type RunReport,
  type ScoreLine,
  type Judgement as Verdict,
} from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { decodingFor, type Judgement, modelPair } from "../../scoring/index.ts";
import { findRun, recipeOfRun, requireEngine, storageOfRun } from "../runs/index.ts";
import { judgeAnswers } from "./judge-answers.ts";
import { labelFacts, scoreLines, seenFacts } from "./report-facts.ts";

/** Options of an evaluation. */
export interface EvaluateOptions {
  readonly output?: string;
  /** A file of rows to use instead of the run's test rows. */
  readonly data?: string;
  readonly rows?: number;
  readonly base?: boolean;
  readonly onProgress: (name: string, done: number, total: number) => void;
  readonly onDownload?: OnDownload;
}

/**
 * An evaluated run.
 * @example
 * import { type EvaluatedRun, evaluateRun } from "tunewise/train";
 *
 * const evaluated: EvaluatedRun = await evaluateRun("latest", { rows: 2, base: false });
 * console.log(evaluated.scores[0]?.base); // null
 */
export interface EvaluatedRun {
  readonly runId: string;
  readonly rows: number;
  /** Verdict on the scores, as in the first line of a report. */
  readonly verdict: Verdict;
  readonly scores: readonly ScoreLine[];
  readonly labels: RunReport["labels"];
  readonly seen: RunReport["seen"];
  readonly judgement: Judgement;
}

/**
 * Evaluates the tuned model, and the base model on the same rows.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_WITHOUT_ADAPTER`, `RUN_MODEL_UNSUPPORTED`, `DATA_SPLIT_EMPTY`,
 *   `USAGE_INTERRUPTED`
 */
export async function evaluateRun(
  word: string,
  runtime: Runtime,
  options: EvaluateOptions,
): Promise<EvaluatedRun> {
  const found = await findRun(word, runtime, options.output);
  const { run, folder } = found;
  const loaded = await recipeOfRun(found);
  const recipe = changed(loaded.recipe, options);
  const prepared = await prepare({ ...loaded, recipe }, runtime, options.onDownload);
  requireEngine(found, prepared.model, recipe.method);
  const rows = rowsToEvaluate(prepared.encoded.test.rows, recipe);
  if (rows.length === 0)
    throw problem("DATA_SPLIT_EMPTY", {
      split: "test",
      file: recipe.data.test ?? "-",
      have: "0 usable rows",
      fix: "Give data.test a file, or data.split.test a share above 0",
    });
  const model = await openPreparedBase(
    prepared,
    await storageOfRun(found, recipe, prepared.model.config, runtime),
    runtime,
    run.dataFingerprint,
  );
  try {
    const adapter = await loadTuned(model, recipe, folder, run);
    const { tokenizer, examples } = prepared;
    const answers = await answerRows({
      models: modelPair(model, adapter),
      tokenizer,
      recipe,
      rows,
      examples: examples.test,
      isCapped: false,
      earlier: null,
      decoding: decodingFor(prepared),
      signal: runtime.signal,
      onProgress: options.onProgress,
    });
    const judgement = answers && (await judgeAnswers(prepared, answers, runtime));
    // without a cap, only the user can end it early
    if (judgement === null || judgement.planned > judgement.tuned.rows)
      throw problem("USAGE_INTERRUPTED", { command: "runs evaluate" });
    const scores = scoreLines(judgement);
    const seen = seenFacts(judgement);
    const verdict = judgeScores({ scores, seen, forgetting: null });
    return {
      runId: run.id,
      rows: judgement.tuned.rows,
      verdict,
      scores,
      labels: labelFacts(judgement),
      seen,
      judgement,
    };
  } finally {
    await model.close();
  }
}

function changed(recipe: Recipe, { data, rows, base }: EvaluateOptions): Recipe {
  const own = { ...recipe.data, rows: { ...recipe.data.rows, test: rows ?? recipe.data.rows.test } };
  return {
    ...recipe,
    data: data === undefined ? own : { ...own, test: data, split: { ...own.split, test: 0 } },
    forgetting: { ...recipe.forgetting, measure: false },
    evaluation: {
      ...recipe.evaluation,
      rows: rows ?? recipe.evaluation.rows,
      base: base ?? recipe.evaluation.base,
    },
  };
}
