/**
 * @file Assertions in promptfoo's format as a metric: which test a row takes, and how its answer did.
 */
import type { RowOutcome } from "../score.ts";
import { assertAnswer } from "./assert-answer.ts";
import type { AssertedTest } from "./assertion.ts";
import type { AnswerFacts, ScoringData } from "./scoring-data.ts";

/** One outcome per row: whether its test passes; weight 0 where no test is meant for it or none can tell. */
export function scoreAssertions(
  answers: readonly string[],
  about: AnswerFacts,
  scoring: ScoringData,
): { outcomes: RowOutcome[]; outside: number; facts: Record<string, number> } {
  const testOf = testFinder(scoring.tests, scoring.otherwise);
  let [untested, unknown, sum, judged] = [0, 0, 0, 0];
  const outcomes = answers.map((answer, row): RowOutcome => {
    const test = testOf(about.questions[row] ?? "");
    if (test === null || test.assertions.length === 0) {
      untested++;
      return { value: 0, weight: 0 };
    }
    const { pass, score } = assertAnswer(test, {
      text: answer,
      costUsd: about.costsUsd[row] ?? null,
      latencyMilliseconds: about.latenciesMilliseconds[row] ?? null,
      grade: () => null,
    });
    if (pass === null) {
      unknown++;
      return { value: 0, weight: 0 };
    }
    judged++;
    sum += score;
    return { value: pass ? 1 : 0, weight: 1 };
  });
  return {
    outcomes,
    outside: untested,
    facts: { mean_score: judged > 0 ? sum / judged : 0, rows_without_test: untested, not_judged: unknown },
  };
}

/**
 * Finds the test that is meant for a question: the one all of whose variables stand in it, and of several the one that
 * says most; else the one for every row.
 */
export function testFinder(
  tests: readonly AssertedTest[],
  otherwise: AssertedTest | null,
): (question: string) => AssertedTest | null {
  const known = tests
    .map((test) => {
      const values = Object.values(test.vars).map(textOf);
      return { test, values, said: values.reduce((sum, value) => sum + value.length, 0) };
    })
    .filter(({ said }) => said > 0)
    .sort((a, b) => b.said - a.said);
  return (question) =>
    known.find(({ values }) => values.every((value) => question.includes(value)))?.test ?? otherwise;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
