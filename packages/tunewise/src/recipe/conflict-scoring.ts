/** @file Conflicts between metrics and the files or patterns they need. */
import type { RecipeDraft } from "./draft.ts";
import type { MetricName } from "./metrics.ts";
import type { Objection } from "./objection.ts";

/** The key that each metric needs, with an example. */
const keys = [
  { key: "pattern", metric: "regex", example: "pattern: '^[0-9]+$'" },
  { key: "schema", metric: "json_schema", example: "schema: answer.schema.json" },
  { key: "database", metric: "sql_execution", example: "database: data.sqlite" },
  { key: "assertions", metric: "assertions", example: "assertions: promptfooconfig.yaml" },
] as const satisfies readonly { metric: MetricName; [key: string]: unknown }[];

/** Finds metrics without a required setting, and settings that no metric uses. */
export function scoringConflicts({ task }: RecipeDraft): Objection[] {
  return keys.flatMap(({ key, metric, example }): Objection[] => {
    const isAsked = task.metrics?.includes(metric) === true;
    if (isAsked && task[key] === null) {
      return [
        {
          path: ["task", "metrics", task.metrics?.indexOf(metric) ?? 0],
          detail: `\`${metric}\` needs \`task.${key}\`, which is not there`,
          fix: `add \`${example}\` to \`task\``,
        },
      ];
    }
    if (isAsked || task[key] === null) return [];
    return [
      {
        path: ["task", key],
        detail: `\`task.${key}\` is read by the metric \`${metric}\` alone, which is not among the metrics`,
        fix: `add \`${metric}\` to \`task.metrics\`, or remove the line`,
      },
    ];
  });
}
