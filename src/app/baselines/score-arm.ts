/** @file Scores an arm's answers by the task's metrics. */

import { answerOf, questionOf } from "../../baselines/index.ts";
import type { Example } from "../../dataset/index.ts";
import { metricKinds, type Score } from "../../evaluate/index.ts";
import { problem } from "../../problem/index.ts";
import type { MetricName, Recipe } from "../../recipe/index.ts";
import { type Scorer, scoreAnswers } from "../../scoring/index.ts";
import type { ArmAnswer } from "./answer-log.ts";
import { unansweredRows } from "./void-arm.ts";

/**
 * Metrics of a recipe that score answers; the first is the headline.
 *
 * @throws {TunewiseError} `ARMS_WITHOUT_METRIC`
 */
export function armMetrics({ task }: Recipe): readonly [MetricName, ...MetricName[]] {
  const [first, ...rest] = task.metrics.filter((metric) => metricKinds[metric].needs === "answers");
  if (first === undefined) throw problem("ARMS_WITHOUT_METRIC", { metrics: task.metrics.join(", ") });
  return [first, ...rest];
}

/** One score per metric, for answers to these rows in order. */
export function scoreArm(
  scorer: Scorer,
  metrics: readonly MetricName[],
  answers: readonly (Pick<ArmAnswer, "answer" | "seconds" | "microUsd"> &
    Partial<Pick<ArmAnswer, "failed">>)[],
  rows: readonly Example[],
): Promise<Score[]> {
  return scoreAnswers(scorer, metrics, {
    answers: answers.map(({ answer }) => answer),
    losses: [],
    references: rows.map(answerOf),
    unanswered: unansweredRows(answers.map(({ failed = null }) => ({ failed }))),
    about: {
      questions: rows.map(questionOf),
      costsUsd: answers.map(({ microUsd }) => microUsd / 1e6),
      latenciesMilliseconds: answers.map(({ seconds }) => seconds * 1000),
    },
  });
}
