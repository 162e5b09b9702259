/** @file Trivial baselines, in words and as a table. */
import { bestTrivial, metricKinds, type TrivialScore } from "../../evaluate/index.ts";
import { type Table, table } from "../document/table.ts";
import { differenceText, intervalText, rowsText, scoreText } from "../figure-text.ts";
import type { ScoreLine } from "./report.ts";

/** Maximum displayed characters of an answer. */
const maxAnswer = 40;

/** A metric with its strongest trivial baseline. */
export interface TrivialBar {
  readonly line: ScoreLine;
  readonly best: TrivialScore;
  /** Verdict of the comparison, as in the table; the headline uses no threshold of its own. */
  readonly verdict: TrivialScore["verdict"];
}

/** The first metric with trivial baselines; `null` if there is none, or the score is invalid. */
export function trivialBar(scores: readonly ScoreLine[]): TrivialBar | null {
  for (const line of scores) {
    const best = bestTrivial(line.metric, line.trivial ?? []);
    if (best === null || line.tuned.isInvalid || !Number.isFinite(line.tuned.value)) continue;
    return { line, best, verdict: best.verdict };
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
    case "compression":
      return "compressing the documents with Brotli after the training documents";
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

/** `the nearest training row`: a trivial baseline, as named in a title. */
export function trivialTitle({ kind }: Pick<TrivialScore, "kind">): string {
  return {
    majority: "a constant answer",
    chance: "guessing",
    neighbour: "the nearest training row",
    prompt: "the prompt itself",
    compression: "a general compressor",
  }[kind];
}

/**
 * Why the model is not, or not provably, useful: the tuned model, the trivial baseline, and the base model.
 *
 * @param leakage a leak that gives the baseline its answers; `""` for none
 */
export function uselessSentence({ line, best, verdict }: TrivialBar, leakage = ""): string {
  const { metric, tuned, base } = line;
  const rows = `${metricKinds[metric].title}, ${rowsText(tuned.rows)}`;
  const interval = best.interval ? `, ${intervalText(metric, best.interval)}` : "";
  const difference = `difference ${differenceText(metric, best.difference)}${interval}`;
  const judged = {
    worse: "worse than",
    unclear: best.difference === 0 ? "no better than" : "not shown to be better than",
    better: "better than",
  }[verdict];
  const leak = leakage === "" ? "" : `, and ${leakage}`;
  const before = base ? `; the base model scores ${scoreText(metric, base.value)}` : "";
  return (
    `the tuned model scores ${scoreText(metric, tuned.value)}, ${judged} ${trivialText(best)} with ` +
    `${scoreText(metric, best.value)} (${difference}; ${rows})${leak}${before}`
  );
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > maxAnswer ? `${line.slice(0, maxAnswer - 3)}...` : line;
}
