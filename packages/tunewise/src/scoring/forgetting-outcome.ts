/** @file Derives forgetting from the raw results of two models, with confidence intervals and a verdict. */

import type { ForgettingPoint, ModelFigures, PromptDivergence } from "@tunewise/core/run";
import {
  type ChoiceOutcome,
  compareChoices,
  comparePerplexity,
  compareRegressionPrompts,
  type DivergenceChange,
  expectedText,
  type Interval,
  meetsExpected,
  type PerplexityChange,
  type RegressionChange,
  scoreChoices,
  summarizeDivergence,
  type TaskChange,
} from "../evaluate/index.ts";
import { checkForgetting, type ForgettingCheck, type MeasuredLoss } from "../guard/index.ts";
import type { ForgettingPrompts } from "../prepare/index.ts";
import type { ForgettingSection, Recipe } from "../recipe/index.ts";

/** Measured forgetting; `null` for parts that were not measured. */
export interface ForgettingOutcome {
  readonly perplexity: PerplexityChange;
  readonly tasks: TaskChange | null;
  readonly divergence: DivergenceChange | null;
  readonly regressionPrompts: RegressionChange | null;
  readonly judgement: ForgettingCheck;
}

/** Compares both models and checks the limits. */
export function outcomeOf(
  material: ForgettingPrompts,
  base: ModelFigures,
  tuned: ModelFigures,
  prompts: readonly PromptDivergence[],
  recipe: Recipe,
): ForgettingOutcome {
  const { forgetting, training } = recipe;
  const settings = { seed: training.seed };
  const perplexity = comparePerplexity(base.texts, tuned.texts, settings);
  const tasks = material.choices.length === 0 ? null : compareAnswers(material, base, tuned, settings.seed);
  const divergence = prompts.length === 0 ? null : summarizeDivergence(prompts, settings);
  const regressionPrompts = material.regressionPrompts.length === 0 ? null : mustsOf(material, base, tuned);
  const judgement = checkForgetting({
    perplexity: lossOf(perplexity.rise, perplexity.interval, forgetting.maxPerplexityRise),
    tasks: tasks && lossOf(tasks.drop, tasks.interval, forgetting.maxTaskDrop),
    kl: divergence && klLoss(divergence, forgetting),
    regressionPrompts: regressionPrompts && {
      worked: regressionPrompts.workedBefore,
      broken: regressionPrompts.broken.length,
    },
  });
  return { perplexity, tasks, divergence, regressionPrompts, judgement };
}

/** A measurement of the sample as a point of the forgetting curve. */
export function pointOf(
  step: number,
  material: ForgettingPrompts,
  base: ModelFigures,
  tuned: ModelFigures,
  prompts: readonly PromptDivergence[],
  seed: number,
): ForgettingPoint {
  const { rise, interval } = comparePerplexity(base.texts, tuned.texts, { seed });
  const tasks = material.choices.length === 0 ? null : compareAnswers(material, base, tuned, seed);
  return {
    step,
    perplexityRise: finite(rise),
    low: finite(interval?.low),
    high: finite(interval?.high),
    taskDrop: finite(tasks?.drop),
    probabilityDrop: tasks && finite(tasks.probability.base - tasks.probability.tuned),
    kl: prompts.length === 0 ? null : finite(summarizeDivergence(prompts, { seed, draws: 1 }).kl),
  };
}

/** The outcome as a point, for events and records. */
export function pointOfOutcome(step: number, outcome: ForgettingOutcome): ForgettingPoint {
  const { perplexity, tasks, divergence } = outcome;
  return {
    step,
    perplexityRise: finite(perplexity.rise),
    low: finite(perplexity.interval?.low),
    high: finite(perplexity.interval?.high),
    taskDrop: finite(tasks?.drop),
    probabilityDrop: tasks && finite(tasks.probability.base - tasks.probability.tuned),
    kl: finite(divergence?.kl),
  };
}

/** The outcome for a run's record, with the record's keys, so that runs can be compared. */
export function forgettingSummary({
  perplexity,
  tasks,
  divergence,
  regressionPrompts,
  judgement,
}: ForgettingOutcome): object {
  return {
    verdict: judgement.verdict,
    sentence: judgement.sentence,
    perplexity_base: finite(perplexity.base),
    perplexity_tuned: finite(perplexity.tuned),
    perplexity_rise: finite(perplexity.rise),
    perplexity_rise_low: finite(perplexity.interval?.low),
    perplexity_rise_high: finite(perplexity.interval?.high),
    ...(tasks && {
      task_items: tasks.items,
      task_base: tasks.base,
      task_tuned: tasks.tuned,
      task_drop: tasks.drop,
      task_drop_low: finite(tasks.interval?.low),
      task_drop_high: finite(tasks.interval?.high),
      task_p: tasks.pValue,
    }),
    ...(divergence && {
      kl: finite(divergence.kl),
      kl_low: finite(divergence.interval?.low),
      kl_high: finite(divergence.interval?.high),
    }),
    ...(regressionPrompts && {
      regression_prompts: regressionPrompts.asked,
      regression_prompts_passed_before: regressionPrompts.workedBefore,
      regression_prompts_passed_after: regressionPrompts.stillWork,
    }),
  };
}

function compareAnswers(
  { choices }: ForgettingPrompts,
  base: ModelFigures,
  tuned: ModelFigures,
  seed: number,
): TaskChange {
  const outcomes = (figures: ModelFigures): ChoiceOutcome[] => scoreChoices(choices, figures.choices);
  return compareChoices(choices, outcomes(base), outcomes(tuned), { seed });
}

function mustsOf(
  { regressionPrompts }: ForgettingPrompts,
  base: ModelFigures,
  tuned: ModelFigures,
): RegressionChange {
  return compareRegressionPrompts(
    regressionPrompts.map(({ prompt, expected }, at) => {
      const arm = (answer = ""): { answer: string; works: boolean } => ({
        answer,
        works: meetsExpected(expected, answer),
      });
      return {
        prompt,
        expected: expectedText(expected),
        base: arm(base.answers[at]),
        tuned: arm(tuned.answers[at]),
      };
    }),
  );
}

/** A measured loss with its limit, for the guard. */
export function lossOf(value: number, interval: Interval | null, limit: number): MeasuredLoss {
  return { value, interval, limit };
}

function klLoss({ kl, interval }: DivergenceChange, { maxKl }: ForgettingSection): MeasuredLoss | null {
  return maxKl === null ? null : lossOf(kl, interval, maxKl);
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
