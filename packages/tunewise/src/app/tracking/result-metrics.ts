/** @file Metrics of recipes that may be a run's headline result. */
import { metricKinds } from "../../evaluate/index.ts";
import { type MetricName, metricNames } from "../../recipe/index.ts";

/** Names of metrics in order of preference: those of tasks, then those of the model's loss. */
export const resultMetrics: readonly MetricName[] = [
  ...metricNames.filter((name) => metricKinds[name].needs === "answers"),
  ...metricNames.filter((name) => metricKinds[name].needs === "loss"),
];
