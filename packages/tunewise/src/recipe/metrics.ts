/**
 * @file Every metric by its name in the recipe. `evaluate/metrics.ts` computes each in one row, and `docs/recipes.md`
 * explains it. A missing row does not compile.
 */

/** Kinds of tasks. */
export const taskKinds = ["classify", "json", "tools", "text", "language-modeling"] as const;
/** A kind of task. */
export type TaskKind = (typeof taskKinds)[number];

/** Name of a metric in `task.metrics`. */
export type MetricName =
  | "perplexity"
  | "bits_per_byte"
  | "exact_match"
  | "accuracy"
  | "macro_f1"
  | "json_valid"
  | "json_match"
  | "tool_calls"
  | "rouge_l"
  | "contains"
  | "regex"
  | "json_schema"
  | "sql_match"
  | "sql_execution"
  | "assertions";

/** The kind of task that a metric is limited to; `null`: none. */
export const taskOfMetric: Readonly<Record<MetricName, TaskKind | null>> = {
  perplexity: null,
  bits_per_byte: "language-modeling",
  exact_match: null,
  accuracy: "classify",
  macro_f1: "classify",
  json_valid: "json",
  json_match: "json",
  tool_calls: "tools",
  rouge_l: null,
  contains: null,
  regex: null,
  json_schema: null,
  sql_match: null,
  sql_execution: null,
  assertions: null,
};

/** All metrics. */
export const metricNames = Object.keys(taskOfMetric) as readonly MetricName[];
