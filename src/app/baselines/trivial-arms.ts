/** @file Trivial baselines as arms of a try: answers without a model, which a tuned model must beat too. */

import { answerOf, questionOf } from "../../baselines/index.ts";
import type { Example } from "../../dataset/index.ts";
import { hasTrivialAnswers, noFacts, type Score, trivialAnswers } from "../../evaluate/index.ts";
import { trivialText } from "../../report/index.ts";
import { nearestAnswers, type Scorer, scoreAnswers } from "../../scoring/index.ts";
import type { TriedArms } from "./try-arms.ts";

/** A trivial baseline on the test rows, by the headline metric. */
export interface TrivialArm {
  /** `always answering "billing"` */
  readonly name: string;
  readonly score: Score;
}

/**
 * Scores the most common training answer; the nearest row's answer, if no arm votes by neighbors; and the question
 * itself, if answers are not labels. Returns none if the headline metric does not compare with references.
 */
export async function trivialArms(
  scorer: Scorer,
  { arms, references, questions }: Pick<TriedArms, "arms" | "references" | "questions">,
  train: readonly Example[],
): Promise<TrivialArm[]> {
  const metric = arms[0]?.scores[0].metric;
  if (metric === undefined || !hasTrivialAnswers(metric)) return [];
  const isVoting = arms.some(({ arm }) => arm.who === "neighbours");
  const prompts = questions.map(questionOf);
  const all = trivialAnswers({
    trainAnswers: train.map(answerOf),
    prompts,
    neighbours: isVoting ? [] : nearestAnswers(train, questions),
    areLabels: scorer.recipe.task.kind === "classify",
  });
  const found: TrivialArm[] = [];
  for (const { answers, ...trivial } of all) {
    const about = { ...noFacts, questions: prompts };
    const [score] = await scoreAnswers(scorer, [metric], { answers, losses: [], references, about });
    if (score) found.push({ name: trivialText(trivial), score });
  }
  return found;
}
