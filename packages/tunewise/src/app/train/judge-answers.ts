/** @file Scores the answers of the tuned and the base model to the same test rows, and compares them. */

import type { Example } from "@tunewise/core/rows";
import type { ResultMeasurements, RowAnswer } from "@tunewise/core/run";
import { seenRows } from "@tunewise/datacheck";
import { answerOf, questionOf, transcriptOf } from "@tunewise/datacheck/dataset";
import { predictedText } from "../../encode/index.ts";
import {
  type Comparison,
  compareScores,
  findContradictions,
  noFacts,
  type Score,
  withoutRows,
} from "../../evaluate/index.ts";
import { answersByExample, rowsToEvaluate } from "../../executors/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type ArmResult,
  decodingFor,
  type Judgement,
  knownLabelsOf,
  questionKey,
  type Scorer,
  type SeenRows,
  scoreAnswers,
  trivialScores,
} from "../../scoring/index.ts";

/**
 * Scores and compares answers. If a cap or the user ended the evaluation early, only the first rows have answers.
 *
 * @param prepared the evaluated rows, and the recipe with its metrics
 */
export async function judgeAnswers(
  prepared: Prepared,
  answered: NonNullable<ResultMeasurements["answers"]>,
  runtime: Pick<Runtime, "node">,
): Promise<Judgement> {
  const { recipe, examples, tokenizer } = prepared;
  const planned = rowsToEvaluate(prepared.encoded.test.rows, recipe);
  const tunedRows = answersByExample(planned, answered.tuned);
  const test = tunedRows.map(({ example }) => examples.test[example] as Example);
  // the bytes of a document that were predicted
  const references = test.map((row) =>
    row.isDocument === true ? predictedText(row, tokenizer) : answerOf(row),
  );
  const prompts = test.map(questionOf);
  const scorer = scorerOf(prepared, runtime);
  const score = (arm: ArmResult["arm"], rows: readonly RowAnswer[]): Promise<ArmResult> =>
    scoreArm(scorer, arm, rows, { references, prompts });
  const tuned = await score("tuned", tunedRows);
  const base =
    answered.base.length === 0 ? null : await score("base", answersByExample(planned, answered.base));
  const settings = { seed: recipe.training.seed };
  return {
    asked: test.map((row) =>
      questionKey(row.isDocument === true ? row : { ...row, messages: row.messages.slice(0, -1) }),
    ),
    prompts: test.map((row) => transcriptOf(row)),
    references,
    tuned,
    base,
    planned: new Set(planned.map(({ example }) => example)).size,
    decoding: decodingFor(prepared),
    comparisons: base === null ? [] : compareArms(base, tuned, settings),
    contradictions: [tuned, base].flatMap((arm) =>
      arm === null ? [] : findContradictions(arm.scores, arm.answers, references.slice(0, arm.rows)),
    ),
    trivial: await trivialScores(scorer, tuned.scores, {
      train: examples.train,
      test,
      references,
      prompts,
    }),
    seen: seenOf(seenRows(test, prepared.observations), tuned, base, settings),
  };
}

function scorerOf({ recipe, loaded, scoring, examples }: Prepared, { node }: Pick<Runtime, "node">): Scorer {
  const knownLabels = knownLabelsOf(examples.train);
  return { recipe, folder: loaded.folder, material: scoring, knownLabels, node };
}

async function scoreArm(
  scorer: Scorer,
  arm: ArmResult["arm"],
  found: readonly RowAnswer[],
  asked: { readonly references: readonly string[]; readonly prompts: readonly string[] },
): Promise<ArmResult> {
  const rows = found.length;
  const decoded = found.flatMap(({ answer }) => answer ?? []);
  const answers = decoded.map(({ text }) => text);
  const scores = await scoreAnswers(scorer, scorer.recipe.task.metrics, {
    answers,
    losses: found.flatMap(({ loss }) => loss ?? []),
    references: asked.references.slice(0, rows),
    about: { ...noFacts, questions: asked.prompts.slice(0, rows) },
  });
  return { arm, rows, answers, probabilities: decoded.map(({ probability }) => probability), scores };
}

/**
 * Compares the models on the rows that both answered, because the evaluation of the base model may have ended earlier.
 */
function compareArms(base: ArmResult, tuned: ArmResult, settings: { readonly seed: number }): Comparison[] {
  return base.scores.map((score, at) => {
    const [first, second] = onSameRows(score, tuned.scores[at] as Score);
    return compareScores(first, second, settings);
  });
}

function onSameRows(base: Score, tuned: Score): readonly [Score, Score] {
  const missing = tuned.outcomes.length - base.outcomes.length;
  if (missing === 0) return [base, tuned];
  const left = new Set(tuned.outcomes.keys());
  for (const row of base.outcomes.keys()) left.delete(row);
  const unasked = Array.from({ length: missing }, () => ({ value: 0, weight: 0 }));
  return [{ ...base, outcomes: [...base.outcomes, ...unasked] }, withoutRows(tuned, left)];
}

/** Compares both models on the test rows that do not occur in the training data. */
function seenOf(
  seen: ReadonlySet<number>,
  tuned: ArmResult,
  base: ArmResult | null,
  settings: { readonly seed: number },
): SeenRows | null {
  if (seen.size === 0) return null;
  const unseen = tuned.scores.map((own, at) => {
    const other = base?.scores[at];
    const isAll = seen.size === own.outcomes.length;
    return other === undefined || isAll ? null : compareUnseen(other, own, seen, settings);
  });
  return { rows: seen.size, unseen };
}

function compareUnseen(
  other: Score,
  own: Score,
  seen: ReadonlySet<number>,
  settings: { readonly seed: number },
): Comparison {
  const [base, tuned] = onSameRows(other, own);
  return compareScores(withoutRows(base, seen), withoutRows(tuned, seen), settings);
}
