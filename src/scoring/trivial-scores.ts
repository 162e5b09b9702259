/**
 * @file What answers without a model score on the test rows, beside the tuned model.
 */
import type { Example } from "../dataset/index.ts";
import {
  compareWithChance,
  compareWithTrivial,
  hasTrivialAnswers,
  noFacts,
  type Score,
  type TrivialScore,
  trivialAnswers,
} from "../evaluate/index.ts";
import { nearestAnswers } from "./nearest-answers.ts";
import { type Scorer, scoreAnswers } from "./score-answers.ts";

/** The rows that trivial answers are made from and judged on. */
export interface TrivialRows {
  readonly train: readonly Example[];
  /** One per reference. */
  readonly test: readonly Example[];
  readonly references: readonly string[];
  readonly prompts: readonly string[];
}

/** For each of the tuned model's scores those of the trivial answers; none where a metric has no use for them. */
export async function trivialScores(
  scorer: Scorer,
  tuned: readonly Score[],
  { train, test, references, prompts }: TrivialRows,
): Promise<TrivialScore[][]> {
  const { task, training } = scorer.recipe;
  const metrics = tuned.map(({ metric }) => metric).filter(hasTrivialAnswers);
  if (metrics.length === 0) return tuned.map(() => []);
  const trainAnswers = train.map(({ messages }) => messages.at(-1)?.content ?? "");
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
