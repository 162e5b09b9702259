/** @file Scores trivial baselines on the test rows, for comparison with the tuned model. */

import type { Example } from "@tunewise/core/rows";
import { answerOf, promptOf } from "@tunewise/datacheck/dataset";
import {
  compareWithChance,
  compareWithCompression,
  compareWithTrivial,
  hasTrivialAnswers,
  noFacts,
  type Score,
  type TrivialScore,
  trivialAnswers,
} from "../evaluate/index.ts";
import { buildLexicalIndex, searchLexical } from "../retrieve/index.ts";
import { compressedBitsPerByte } from "./compression-baseline.ts";
import { type Scorer, scoreAnswers } from "./score-answers.ts";

/** Rows that trivial answers are derived from and evaluated on. */
export interface TrivialRows {
  readonly train: readonly Example[];
  /** One row per reference. */
  readonly test: readonly Example[];
  readonly references: readonly string[];
  readonly prompts: readonly string[];
}

/** Scores of the trivial answers for each score of the tuned model; none if a metric does not apply. */
export async function trivialScores(
  scorer: Scorer,
  tuned: readonly Score[],
  { train, test, references, prompts }: TrivialRows,
): Promise<TrivialScore[][]> {
  const { task, training } = scorer.recipe;
  if (task.kind === "language-modeling") return compressionScores(tuned, { train, references });
  const metrics = tuned.map(({ metric }) => metric).filter(hasTrivialAnswers);
  if (metrics.length === 0) return tuned.map(() => []);
  const trainAnswers = train.map(answerOf);
  const areLabels = task.kind === "classify";
  const neighbours = nearestAnswers(train, test);
  const found = tuned.map((): TrivialScore[] => []);
  for (const trivial of trivialAnswers({ trainAnswers, prompts, neighbours, areLabels })) {
    const answered = { answers: trivial.answers, losses: [], references };
    const scores = await scoreAnswers(scorer, metrics, {
      ...answered,
      about: { ...noFacts, questions: prompts },
    });
    for (const [at, own] of tuned.entries()) {
      const score = scores.find(({ metric }) => metric === own.metric);
      if (score) found[at]?.push(compareWithTrivial(trivial, score, own, { seed: training.seed }));
    }
  }
  if (!areLabels) return found;
  const labels = new Set((task.labels.length > 0 ? task.labels : trainAnswers).map((label) => label.trim()))
    .size;
  return found.map((scores, at) => {
    const chance = compareWithChance(tuned[at] as Score, labels);
    return chance === null ? scores : [...scores, chance];
  });
}

/** Compares bits per byte with a general compressor. */
async function compressionScores(
  tuned: readonly Score[],
  { train, references }: Pick<TrivialRows, "train" | "references">,
): Promise<TrivialScore[][]> {
  const isNeeded = tuned.some(({ metric }) => metric === "bits_per_byte");
  const value = isNeeded ? await compressedBitsPerByte(train, references) : null;
  return tuned.map((score) => (value === null ? [] : [compareWithCompression(score, value) ?? []].flat()));
}

/** Maximum training rows to search, and test rows to look up; more would take minutes. */
const maxRows = 50_000;

/**
 * Returns the answer of the most similar training row for each question, by BM25 over the prompts; an empty answer if
 * no word matches. Returns none without training rows, or with too many questions.
 */
export function nearestAnswers(train: readonly Example[], questions: readonly Example[]): string[] {
  const rows = train.slice(0, maxRows);
  if (rows.length === 0 || questions.length > maxRows) return [];
  const index = buildLexicalIndex(
    rows.map((row) => ({ document: row.file, title: "", place: null, text: promptOf(row) })),
  );
  return questions.map((question) => {
    const [hit] = searchLexical(index, promptOf(question), { most: 1 });
    return hit === undefined ? "" : answerOf(rows[hit.passage] as Example);
  });
}
