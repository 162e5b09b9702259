/** @file Scores answers by a recipe's metrics, after running those that need an external process. */
import { resolve } from "node:path";
import { packageProgram } from "../catalog/index.ts";
import {
  type AnswerFacts,
  type EstablishedOutcomes,
  hasSameResult,
  type RowOutcome,
  type Score,
  type ScoringData,
  scorePredictions,
} from "../evaluate/index.ts";
import type { MetricName, Recipe } from "../recipe/index.ts";
import type { RowLoss } from "../run/index.ts";
import { openSqlProcess } from "./sql-process.ts";

/** Inputs of scoring. */
export interface Scorer {
  readonly recipe: Recipe;
  /** Folder of the recipe's file. */
  readonly folder: string;
  readonly material: ScoringData;
  /** Labels of the training rows, for `classify` without a list. */
  readonly knownLabels: readonly string[];
  /** Command that starts Node. */
  readonly node: readonly string[];
}

/** Answers to score, one per row; losses only if a metric needs them. */
export interface Answered {
  readonly answers: readonly string[];
  readonly losses: readonly RowLoss[];
  readonly references: readonly string[];
  readonly about: AnswerFacts;
  /** Indices of rows without an answer, which are not scored. */
  readonly unanswered?: readonly number[];
}

/**
 * One score per metric.
 *
 * @throws {TunewiseError} `SQL_DATABASE_UNREADABLE`
 */
export async function scoreAnswers(
  { recipe, folder, material, knownLabels, node }: Scorer,
  metrics: readonly MetricName[],
  { answers, losses, references, about, unanswered = [] }: Answered,
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
  return scorePredictions(
    metrics,
    { answers, losses, established, answerFacts: about, unanswered },
    references,
    settings,
  );
}

/**
 * Heap limit of the SQL process in MiB: room for the largest result as rows and as a line. A larger value ends the
 * process instead of exhausting memory.
 */
const heapMebibytes = 512;

async function executionOutcomes(
  path: string,
  node: readonly string[],
  answers: readonly string[],
  references: readonly string[],
): Promise<RowOutcome[]> {
  const [program = "", ...words] = node;
  const command = [program, `--max-old-space-size=${heapMebibytes}`, ...words, packageProgram("sql-reader")];
  const { execute, close } = await openSqlProcess(path, command);
  try {
    const outcomes: RowOutcome[] = [];
    for (const [row, reference] of references.entries()) {
      const isAlike = await hasSameResult(answers[row] ?? "", reference, execute);
      outcomes.push({ value: isAlike ? 1 : 0, weight: isAlike === null ? 0 : 1 });
    }
    return outcomes;
  } finally {
    await close();
  }
}
