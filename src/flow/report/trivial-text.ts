/**
 * @file Answers that need no model, in words and as a table.
 */
import { bestTrivial, metricKinds, type TrivialScore } from "../../evaluate/index.ts";
import { differenceText, intervalText, scoreText, wholeText } from "./figure-text.ts";
import type { ScoreLine } from "./report.ts";
import { type Table, table } from "./table.ts";

/** Characters of an answer that are shown. */
const answerMost = 40;

/** A metric with the trivial answer that is hardest to beat. */
export interface TrivialBar {
  readonly line: ScoreLine;
  readonly best: TrivialScore;
  /** `useless`: the tuned model does not reach more · `open`: more, and it may be chance · `passed`: shown to be more. */
  readonly verdict: "useless" | "open" | "passed";
}

/** The first metric that trivial answers are a bar for; `null`: none is, or the score is void. */
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

/** Every trivial answer by every metric that it is a bar for. */
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

/** Why the model is not useful, or not shown to be: the trivial answer beside it. */
export function uselessSentence({ line, best, verdict }: TrivialBar): string {
  const [tuned, trivial] = [scoreText(line.metric, line.tuned.value), scoreText(line.metric, best.value)];
  const by = `${metricKinds[line.metric].title} on ${wholeText(line.tuned.rows)} test rows`;
  const about = `${trivialText(best)} scores ${trivial}, the tuned model ${tuned} (${by})`;
  return verdict === "useless" ? about : `${about}, which may be chance`;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > answerMost ? `${line.slice(0, answerMost - 3)}...` : line;
}
