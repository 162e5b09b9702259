/**
 * @file Trivial baselines that need no model: the majority answer, chance, a copy of the prompt or of the nearest
 *   training row, and a compressor for documents. A model's score is only meaningful beside theirs.
 */
import type { BootstrapSettings } from "@tunewise/core/math";
import type { MetricName } from "../recipe/index.ts";
import { type Comparison, compareScores } from "./compare.ts";
import { metricKinds } from "./metrics.ts";
import type { Interval, Score } from "./score.ts";

/**
 * - `majority`: the most common training answer, for every row
 * - `chance`: a uniformly random label
 * - `neighbour`: the answer of the training row with the most similar prompt
 * - `prompt`: the prompt itself
 * - `compression`: a general compressor that has read the training documents
 */
export type TrivialKind = "majority" | "chance" | "neighbour" | "prompt" | "compression";

/** Answers to all test rows. */
export interface TrivialAnswers {
  readonly kind: Exclude<TrivialKind, "chance" | "compression">;
  /** The answer, if it is the same for all rows. */
  readonly answer: string | null;
  readonly answers: readonly string[];
}

/** Data that trivial baselines are made from. */
interface TrivialAnswerData {
  /** Answers of the training rows. */
  readonly trainAnswers: readonly string[];
  /** Prompts of the test rows. */
  readonly prompts: readonly string[];
  /** For each test row, the answer of the most similar training row; empty if none was looked up. */
  readonly neighbours: readonly string[];
  /** Whether answers are labels, in which case a prompt is not a candidate. */
  readonly areLabels: boolean;
}

/** Score of a trivial baseline, and how far the tuned model is from it. */
export interface TrivialScore {
  readonly kind: TrivialKind;
  readonly answer: string | null;
  readonly value: number;
  readonly rows: number;
  /** Tuned minus trivial, in the metric's unit. */
  readonly difference: number;
  readonly interval: Interval | null;
  /** Exact McNemar test; `null` if rows are not right or wrong, and for `chance`. */
  readonly pValue: number | null;
  /** Whether the tuned model is better than this baseline; `unclear` at the 5 % level. */
  readonly verdict: Comparison["verdict"];
}

/** Whether a metric compares answers with references, so that trivial baselines apply. */
export function hasTrivialAnswers(metric: MetricName): boolean {
  const { needs, judgesFormAlone } = metricKinds[metric];
  return needs === "answers" && !judgesFormAlone;
}

/** The trivial baselines that the data allows; a majority answer must occur in at least two training rows. */
export function trivialAnswers(data: TrivialAnswerData): TrivialAnswers[] {
  const { trainAnswers, prompts, neighbours, areLabels } = data;
  const commonest = mostCommon(trainAnswers);
  const all: TrivialAnswers[] = [];
  if (commonest !== null)
    all.push({ kind: "majority", answer: commonest, answers: prompts.map(() => commonest) });
  if (neighbours.length === prompts.length)
    all.push({ kind: "neighbour", answer: null, answers: neighbours });
  if (!areLabels) all.push({ kind: "prompt", answer: null, answers: prompts });
  return all;
}

/** Compares the tuned model with a trivial baseline on the same rows. */
export function compareWithTrivial(
  { kind, answer }: Pick<TrivialAnswers, "kind" | "answer">,
  score: Score,
  tuned: Score,
  settings: Partial<BootstrapSettings> = {},
): TrivialScore {
  const { difference, interval, pValue, verdict, rows } = compareScores(score, tuned, settings);
  return { kind, answer, value: score.value, rows, difference, interval, pValue, verdict };
}

/**
 * Compares accuracy with random guessing; `null` if guessing does not apply to the score.
 *
 * @param labels number of labels to guess from
 * @source a guess is right with probability 1 / labels; the interval is that of the tuned score, moved by it
 */
export function compareWithChance(tuned: Score, labels: number): TrivialScore | null {
  if (!metricKinds[tuned.metric].isAccuracy || labels < 2 || tuned.isInvalid) return null;
  return compareWithValue("chance", 1 / labels, tuned);
}

/** Compares a score with the bits per byte of a compressor; `null` for other metrics. */
export function compareWithCompression(tuned: Score, bitsPerByte: number): TrivialScore | null {
  if (tuned.metric !== "bits_per_byte" || tuned.isInvalid) return null;
  return compareWithValue("compression", bitsPerByte, tuned);
}

/** The interval is that of the tuned score, moved by the fixed value. */
function compareWithValue(kind: "chance" | "compression", value: number, tuned: Score): TrivialScore {
  const { low = Number.NaN, high = Number.NaN } = tuned.interval ?? {};
  const { higherIsBetter } = metricKinds[tuned.metric];
  const [above, below] = higherIsBetter ? (["better", "worse"] as const) : (["worse", "better"] as const);
  const verdict = low > value ? above : high < value ? below : "unclear";
  return {
    kind,
    answer: null,
    value,
    rows: tuned.rows,
    difference: tuned.value - value,
    interval: tuned.interval && { low: low - value, high: high - value },
    pValue: null,
    verdict,
  };
}

/** The baseline that is hardest to beat, or `null` if there is none. */
export function bestTrivial(metric: MetricName, scores: readonly TrivialScore[]): TrivialScore | null {
  const sign = metricKinds[metric].higherIsBetter ? 1 : -1;
  const judged = scores.filter(({ value }) => Number.isFinite(value));
  return judged.reduce<TrivialScore | null>(
    (best, one) => (best === null || sign * (one.value - best.value) > 0 ? one : best),
    null,
  );
}

/** Ties go to the answer that came first. */
function mostCommon(answers: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer.trim(), (counts.get(answer.trim()) ?? 0) + 1);
  let best: string | null = null;
  let most = 1;
  for (const [answer, count] of counts) if (answer !== "" && count > most) [best, most] = [answer, count];
  return best;
}
