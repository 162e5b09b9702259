/** @file Forgetting of a run, as text. */
import type { RunReport } from "../../report/index.ts";
import { tableText } from "./table.ts";
import { plain } from "./terminal.ts";

type Facts = NonNullable<RunReport["forgetting"]>;

/** Verdicts as in the report. */
const words = { pass: "kept", fail: "forgot", "cannot-tell": "cannot tell" } as const;

/** Values before and after training, and the verdict. */
export function forgettingText(facts: Facts): string {
  const { perplexity, tasks, divergence, regressionPrompts, judgement } = facts;
  const said = (verdict: keyof typeof words | undefined): string => (verdict ? words[verdict] : "");
  const rows = [
    [
      "perplexity",
      number(perplexity.base),
      number(perplexity.tuned),
      change(perplexity.rise, perplexity.interval, " %"),
      said(judgement.measures.perplexity),
    ],
    ...(tasks
      ? [
          [
            "right answers",
            `${percent(tasks.base)} %`,
            `${percent(tasks.tuned)} %`,
            change(-tasks.drop, tasks.interval && flipped(tasks.interval), " points"),
            said(judgement.measures.tasks),
          ],
        ]
      : []),
    ...(divergence ? [["divergence", "0", number(divergence.kl), "nats", said(judgement.measures.kl)]] : []),
    ...(regressionPrompts
      ? [
          [
            "regression prompts",
            `${regressionPrompts.workedBefore} of ${regressionPrompts.asked}`,
            `${regressionPrompts.stillWork} of ${regressionPrompts.workedBefore}`,
            regressionPrompts.broken.length > 0 ? `${regressionPrompts.broken.length} broke` : "",
            said(judgement.measures["regression-prompts"]),
          ],
        ]
      : []),
  ];
  const heads = ["forgetting", "#before", "#after", "change (95 %)", ""];
  const broken = (regressionPrompts?.broken ?? [])
    .slice(0, 3)
    .map(({ prompt }) => `\n  broke: ${plain(prompt).slice(0, 90)}`);
  return `${tableText(heads, rows)}\n${judgement.sentence}${broken.join("")}`;
}

function change(
  value: number,
  interval: { readonly low: number; readonly high: number } | null,
  unit: string,
): string {
  const bounds = interval === null ? "" : ` (${percent(interval.low)} to ${percent(interval.high)})`;
  return `${value > 0 ? "+" : ""}${percent(value)}${unit}${bounds}`;
}

function flipped({ low, high }: { readonly low: number; readonly high: number }): {
  low: number;
  high: number;
} {
  return { low: -high, high: -low };
}

function number(value: number): string {
  return value.toPrecision(4);
}

function percent(share: number): string {
  const text = (100 * share).toFixed(1);
  return text === "-0.0" ? "0.0" : text;
}
