/**
 * @file `tunewise plan --probe`: measures a few real training steps, one loss evaluation and one batch of answers,
 * and discards the results.
 */

import { countOf } from "@tunewise/core/quantity";
import { optimizers } from "@tunewise/core/run";
import type { LanguageModel } from "@tunewise/engine";
import { metricKinds } from "../../evaluate/index.ts";
import type { ProbeFacts, Schedule } from "../../plan/index.ts";
import { createTuned, openPreparedBase, type Prepared } from "../../prepare/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Limits of a probe. It ends after `seconds`, but not before `minSteps`, and always after `maxSteps`. */
const probeLimits = { minSteps: 4, maxSteps: 20, seconds: 20 } as const;

/** Number of rows in the loss evaluation. */
const lossRows = 32;

/** Measures a recipe's work on this machine. */
export async function probe(
  prepared: Prepared,
  { recompute, base }: Pick<Schedule, "recompute" | "base">,
  runtime: Runtime,
  report: (text: string) => void,
): Promise<ProbeFacts> {
  const { recipe } = prepared;
  const clock = runtime.elapsedSeconds;
  const started = clock();
  const model = await openPreparedBase(prepared, base, runtime, prepared.dataFingerprint);
  try {
    const opened = clock() - started;
    const training = await probeSteps(model, prepared, recompute, runtime);
    report(`probe: ${countOf(training.steps, "step")} in ${training.seconds.toFixed(1)} s`);
    const needs = recipe.task.metrics.map((metric) => metricKinds[metric].needs);
    const { validation, test } = prepared.encoded;
    const judged = validation.rows.length > 0 ? validation.rows : needs.includes("loss") ? test.rows : [];
    const loss = judged.length > 0 ? await probeLoss(model, judged, clock) : null;
    const decode =
      needs.includes("answers") && test.rows.length > 0 ? await probeAnswers(model, prepared, clock) : null;
    return {
      startSeconds: opened + training.firstSeconds,
      steps: training.steps,
      trainTokensPerSecond: training.tokensPerSecond,
      lossTokensPerSecond: loss,
      decode,
    };
  } finally {
    await model.close();
  }
}

async function probeSteps(
  model: LanguageModel,
  { recipe, encoded, model: files }: Prepared,
  recompute: "none" | "layer",
  runtime: Runtime,
): Promise<{ steps: number; seconds: number; firstSeconds: number; tokensPerSecond: number }> {
  const adapter = await createTuned(model, recipe, files.revision);
  const trainer = await model.createTrainer(adapter, encoded.train.rows, {
    ...recipe.training,
    optimizer: optimizers[recipe.training.optimizer].engine,
    recompute,
    maxLength: recipe.data.maxLength,
    momentsPath: null,
    penalty: null,
  });
  const seen: { tokens: number; seconds: number }[] = [];
  let total = 0;
  while (trainer.step < trainer.steps && seen.length < probeLimits.maxSteps) {
    runtime.signal.throwIfAborted();
    if (total > probeLimits.seconds && seen.length >= probeLimits.minSteps) break;
    const before = runtime.elapsedSeconds();
    const { tokens } = await trainer.next();
    const seconds = runtime.elapsedSeconds() - before;
    seen.push({ tokens, seconds });
    total += seconds;
  }
  await trainer.release();
  // The first step compiles programs. Its time beyond a usual step counts as startup.
  const usual = seen.length > 1 ? seen.slice(1) : seen;
  const tokens = usual.reduce((sum, one) => sum + one.tokens, 0);
  const seconds = usual.reduce((sum, one) => sum + one.seconds, 0);
  const tokensPerSecond = tokens / seconds;
  const first = seen[0] ?? { tokens: 0, seconds: 0 };
  return {
    steps: seen.length,
    seconds: total,
    firstSeconds: Math.max(0, first.seconds - first.tokens / tokensPerSecond),
    tokensPerSecond,
  };
}

/** Runs once to compile programs, then again to measure. */
async function probeLoss(
  model: LanguageModel,
  rows: Prepared["encoded"]["test"]["rows"],
  clock: () => number,
): Promise<number> {
  const some = rows.slice(0, lossRows);
  await model.loss(null, some);
  const before = clock();
  await model.loss(null, some);
  return some.reduce((sum, { ids }) => sum + ids.length, 0) / (clock() - before);
}

/** Decodes 1 token and then the maximum, to separate the time per token from the prefill time. */
async function probeAnswers(
  model: LanguageModel,
  { recipe, encoded, tokenizer }: Prepared,
  clock: () => number,
): Promise<ProbeFacts["decode"]> {
  const { batchSize, maxNewTokens, temperature, topP } = recipe.evaluation;
  const prompts = encoded.test.rows.slice(0, batchSize).map((row) => row.ids.subarray(0, row.promptLength));
  const decode = async (most: number): Promise<{ seconds: number; tokens: number }> => {
    const before = clock();
    const answers = await model.generate(null, prompts, {
      maxNewTokens: most,
      temperature,
      topP,
      batchSize,
      seed: recipe.training.seed,
      endIds: tokenizer.endIds,
    });
    return {
      seconds: clock() - before,
      tokens: answers.reduce((longest, ids) => Math.max(longest, ids.length), 1),
    };
  };
  await decode(1); // compiles the programs
  const short = await decode(1);
  const whole = await decode(maxNewTokens);
  return {
    secondsPerToken: Math.max(0, whole.seconds - short.seconds) / Math.max(1, whole.tokens - 1),
    prefillSeconds: short.seconds,
    baseTokens: whole.tokens,
  };
}
