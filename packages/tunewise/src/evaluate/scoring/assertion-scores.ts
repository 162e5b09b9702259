/** @file The assertions metric: finds the test of each row, and scores its answer. */
import type { RowOutcome } from "../score.ts";
import { assertAnswer } from "./assert-answer.ts";
import type { AssertedTest } from "./assertion.ts";
import type { AnswerFacts, ScoringData } from "./scoring-data.ts";

/** One outcome per row: whether its test passes; weight 0 if no test applies or the result is unknown. */
export function scoreAssertions(
  answers: readonly string[],
  facts: AnswerFacts,
  scoring: ScoringData,
): { outcomes: RowOutcome[]; outside: number; facts: Record<string, number> } {
  const findTest = testFinder(scoring.tests, scoring.defaultTest);
  let [untested, unknown, sum, judged] = [0, 0, 0, 0];
  const outcomes = answers.map((answer, row): RowOutcome => {
    const test = findTest(facts.questions[row] ?? "");
    if (test === null || test.assertions.length === 0) {
      untested++;
      return { value: 0, weight: 0 };
    }
    const { pass, score } = assertAnswer(test, {
      text: answer,
      costUsd: facts.costsUsd[row] ?? null,
      latencyMilliseconds: facts.latenciesMilliseconds[row] ?? null,
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
 * Returns a function that finds the test for a question: one whose variables all occur in it, preferring the
 * longest variables; otherwise the test for every row.
 */
export function testFinder(
  tests: readonly AssertedTest[],
  otherwise: AssertedTest | null,
): (question: string) => AssertedTest | null {
  const known = tests
    .map((test) => {
      const values = Object.values(test.vars).map(textOf);
      return { test, values, length: values.reduce((sum, value) => sum + value.length, 0) };
    })
    .filter(({ length }) => length > 0)
    .sort((a, b) => b.length - a.length);
  return (question) =>
    known.find(({ values }) => values.every((value) => question.includes(value)))?.test ?? otherwise;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
