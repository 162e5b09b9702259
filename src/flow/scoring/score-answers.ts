/**
 * @file Scores of answers by a recipe's metrics, with what programs beside this one must find out first.
 */
import { resolve } from "node:path";
import { packageProgram } from "../../catalog/index.ts";
import {
  type AnswerFacts,
  type EstablishedOutcomes,
  executesAlike,
  judge,
  type RowLoss,
  type RowOutcome,
  type Score,
  type ScoringMaterial,
} from "../../evaluate/index.ts";
import type { MetricName, Recipe } from "../../recipe/index.ts";
import { openSqlProcess } from "./sql-process.ts";

/** What is scored by. */
export interface Scorer {
  readonly recipe: Recipe;
  /** Folder of the recipe's file. */
  readonly folder: string;
  readonly material: ScoringMaterial;
  /** Labels that training showed, for `classify` without a list. */
  readonly knownLabels: readonly string[];
  /** How Node is started. */
  readonly node: readonly string[];
}

/** What is scored, one of each per row; losses only where a metric asks for them. */
export interface Answered {
  readonly answers: readonly string[];
  readonly losses: readonly RowLoss[];
  readonly references: readonly string[];
  readonly about: AnswerFacts;
}

/**
 * One score per metric.
 *
 * @throws {TunewiseError} `SQL_DATABASE_UNREADABLE`
 */
export async function scoreAnswers(
  { recipe, folder, material, knownLabels, node }: Scorer,
  metrics: readonly MetricName[],
  { answers, losses, references, about }: Answered,
): Promise<Score[]> {
  const established: EstablishedOutcomes = metrics.includes("sql_execution")
    ? {
        sql_execution: await executionOutcomes(
          resolve(folder, recipe.task.database ?? ""),
          node,
          answers,
          references,
        ),
      }
    : {};
  const labels = recipe.task.labels.length > 0 ? recipe.task.labels : knownLabels;
  const settings = { labels, seed: recipe.training.seed, scoring: material };
  return judge(metrics, { answers, losses, established, about }, references, settings);
}

async function executionOutcomes(
  path: string,
  node: readonly string[],
  answers: readonly string[],
  references: readonly string[],
): Promise<RowOutcome[]> {
  const { execute, close } = await openSqlProcess(path, [...node, packageProgram("sql-reader")]);
  try {
    const outcomes: RowOutcome[] = [];
    for (const [row, reference] of references.entries()) {
      const isAlike = await executesAlike(answers[row] ?? "", reference, execute);
      outcomes.push({ value: isAlike ? 1 : 0, weight: isAlike === null ? 0 : 1 });
    }
    return outcomes;
  } finally {
    await close();
  }
}
