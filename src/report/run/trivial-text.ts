/** @file Trivial baselines, in words and as a table. */
import { bestTrivial, metricKinds, type TrivialScore } from "../../evaluate/index.ts";
import { differenceText, intervalText, rowsText, scoreText } from "../figure-text.ts";
import { type Table, table } from "../table.ts";
import type { ScoreLine } from "./report.ts";

/** Maximum displayed characters of an answer. */
const answerMost = 40;

/** A metric with its strongest trivial baseline. */
export interface TrivialBar {
  readonly line: ScoreLine;
  readonly best: TrivialScore;
  /**
   * `useless`: the tuned model is not better · `open`: better, but maybe by chance · `passed`: significantly better.
   */
  readonly verdict: "useless" | "open" | "passed";
}

/** The first metric with trivial baselines; `null` if there is none, or the score is void. */
export function trivialBar(scores: readonly ScoreLine[]): TrivialBar | null {
  for (const line of scores) {
    const best = bestTrivial(line.metric, line.trivial ?? []);
    if (best === null || line.tuned.isVoid || !Number.isFinite(line.tuned.value)) continue;
    const gain = (line.tuned.value - best.value) * (metricKinds[line.metric].higherIsBetter ? 1 : -1);
    const verdict = gain <= 0 ? "useless" : best.verdict === "better" ? "passed" : "open";
    return { line, best, verdict };
  }
  return null;
}

/** `always answering "billing"` */
export function trivialText({ kind, answer }: Pick<TrivialScore, "kind" | "answer">): string {
  switch (kind) {
    case "majority":
      return `always answering "${shortened(answer ?? "")}"`;
    case "chance":
      return "guessing a label";
    case "neighbour":
      return "copying the answer of the most similar training row";
    case "prompt":
      return "copying the prompt";
  }
}

/** All trivial baselines by metric. */
export function trivialTable(scores: readonly ScoreLine[]): Table {
  const titles = [
    "answer without a model",
    "metric",
    "#score",
    "#tuned minus this",
    "#95 % interval",
    "tuned is",
  ];
  const rows = scores.flatMap(({ metric, trivial = [] }) =>
    trivial.map((one) => [
      trivialText(one),
      metricKinds[metric].title,
      scoreText(metric, one.value),
      differenceText(metric, one.difference),
      intervalText(metric, one.interval),
      one.verdict,
    ]),
  );
  return table(titles, rows);
}

/** Why the model is not, or not provably, useful: the trivial baseline, the tuned model and its base. */
export function uselessSentence({ line, best, verdict }: TrivialBar): string {
  const { metric, tuned, base } = line;
  const rows = `${metricKinds[metric].title}, ${rowsText(tuned.rows)}`;
  const interval = best.interval ? `95 % interval ${intervalText(metric, best.interval)}` : "";
  const doubt = verdict === "open" ? "not more than chance may do" : "";
  const about = [interval, doubt].filter((part) => part !== "").join(", ");
  const difference = `${differenceText(metric, best.difference)}${about === "" ? "" : ` (${about})`}`;
  const before = base ? `; the base model ${scoreText(metric, base.value)}` : "";
  return (
    `${trivialText(best)} scores ${scoreText(metric, best.value)}, ` +
    `the tuned model ${scoreText(metric, tuned.value)} (${rows}): ${difference}${before}`
  );
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > answerMost ? `${line.slice(0, answerMost - 3)}...` : line;
}
