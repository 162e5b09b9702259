/**
 * @file What an arm's answers come to, by the task's metrics.
 */
import { judge, metricKinds, type Score } from "../../evaluate/index.ts";
import { problem } from "../../problem/index.ts";
import type { MetricName, Recipe } from "../../recipe/index.ts";

/**
 * Metrics of a recipe that answers can be judged by; the first is the headline.
 *
 * @throws {TunewiseError} `ARMS_WITHOUT_METRIC`
 */
export function armMetrics({ task }: Recipe): readonly [MetricName, ...MetricName[]] {
  const [first, ...rest] = task.metrics.filter((metric) => metricKinds[metric].needs === "answers");
  if (first === undefined) throw problem("ARMS_WITHOUT_METRIC", { metrics: task.metrics.join(", ") });
  return [first, ...rest];
}

/** One score per metric. */
export function scoreArm(
  recipe: Recipe,
  knownLabels: readonly string[],
  answers: readonly string[],
  references: readonly string[],
): Score[] {
  const labels = recipe.task.labels.length > 0 ? recipe.task.labels : knownLabels;
  return judge(armMetrics(recipe), { answers }, references, { labels, seed: recipe.training.seed });
}
