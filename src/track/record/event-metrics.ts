/**
 * @file The metrics that an event of a run stands for.
 */
import type { Metric, RunEvent } from "../../run/index.ts";

/** Metrics of an event; none for most kinds. */
export function metricsOf(event: RunEvent): Metric[] {
  const { run: runId, time } = event;
  const metric = (key: string, step: number, value: number): Metric => ({ runId, key, step, value, time });
  switch (event.kind) {
    case "step-end":
      return [
        metric("train/loss", event.step, event.loss),
        metric("train/gradient_norm", event.step, event.gradientNorm),
        metric("train/learning_rate", event.step, event.learningRate),
        metric("train/tokens_per_second", event.step, event.tokens / Math.max(event.wallSeconds, 1e-9)),
      ];
    case "evaluation-end":
      return [metric("validation/loss", event.step, event.loss)];
    case "forgetting-measured":
      return (
        [
          ["forgetting/perplexity_rise", event.perplexityRise],
          ["forgetting/task_drop", event.taskDrop],
          ["forgetting/kl", event.kl],
        ] as const
      ).flatMap(([key, value]) => (value === null ? [] : [metric(key, event.step, value)]));
    default:
      return [];
  }
}
