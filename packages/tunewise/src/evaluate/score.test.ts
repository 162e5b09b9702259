import { expect, test } from "vitest";
import { compareScores } from "./compare.ts";
import { coverageOf, coverageText, type RowOutcome, type Score } from "./score.ts";
import { scorePredictions } from "./score-predictions.ts";

/** The score of a metric whose outcomes a program established; the first `unjudged` rows could not be scored. */
function executed(rows: number, unjudged: number, isRight = true): Score {
  const outcomes = Array.from(
    { length: rows },
    (_, row): RowOutcome => ({
      value: row >= unjudged && isRight ? 1 : 0,
      weight: row < unjudged ? 0 : 1,
    }),
  );
  const texts = outcomes.map((_, row) => `select ${row}`);
  const [score] = scorePredictions(
    ["sql_execution"],
    { answers: texts, established: { sql_execution: outcomes } },
    texts,
  );
  return score as Score;
}

test.each([
  [20, 0, false, ""],
  [19, 1, false, "1 of 20 rows not scored"],
  [18, 1, true, "invalid: 1 of 19 rows not scored"],
  [95, 5, false, "5 of 100 rows not scored"],
  [94, 6, true, "invalid: 6 of 100 rows not scored"],
  [48, 72, true, "invalid: 72 of 120 rows not scored"],
  [0, 3, true, "invalid: 3 of 3 rows not scored"],
  [0, 0, false, ""],
])("%i rows judged and %i not: void %s", (rows, unjudged, isInvalid, text) => {
  expect(coverageOf(rows, unjudged)).toEqual({ rows, unjudged, isInvalid });
  expect(coverageText(coverageOf(rows, unjudged))).toBe(text);
});

test("of a record that does not say, every row was judged, and nothing is invalid", () => {
  expect(coverageText({ rows: 5 })).toBe("");
  expect(coverageText({ rows: 4, unjudged: 1 })).toBe("1 of 5 rows not scored");
});

test("a score of which too much could not be judged has no value, and nothing is better than it", () => {
  expect(executed(120, 6)).toMatchObject({ value: 1, rows: 114, unjudged: 6, isInvalid: false });
  const empty = executed(120, 7);
  expect(empty).toMatchObject({ value: Number.NaN, interval: null, rows: 113, unjudged: 7, isInvalid: true });
  expect(compareScores(executed(120, 0, false), executed(120, 6)).verdict).toBe("better");
  const compared = compareScores(executed(120, 0, false), empty);
  expect(compared).toMatchObject({ verdict: "unclear", difference: Number.NaN, rows: 0, pValue: null });
});

test("rows to which no answer came are left out by every metric, and are not counted as wrong", () => {
  const references = Array.from({ length: 40 }, (_, row) => `{"a": ${row}}`);
  const answers = references.map((reference, row) => (row < 2 ? "" : reference));
  const metrics = ["exact_match", "json_match", "rouge_l", "json_valid", "contains"] as const;
  const scores = scorePredictions(metrics, { answers, unanswered: [0, 1] }, references);
  for (const score of scores)
    expect(score).toMatchObject({ value: 1, rows: 38, unjudged: 2, isInvalid: false });
  expect(scores[0]?.outcomes[1]).toEqual({ value: 0, weight: 0 });
  expect(scores[0]?.outcomes[2]).toEqual({ value: 1, weight: 1 });
  for (const score of scorePredictions(metrics, { answers, unanswered: [0, 1, 2] }, references))
    expect(score).toMatchObject({ value: Number.NaN, isInvalid: true });
  for (const score of scorePredictions(metrics, { answers }, references))
    expect(score.value).toBeCloseTo(0.95, 12);
});

test("rows that a metric is not meant for do not make it void", () => {
  const losses = [
    { nll: 1, labelledTokens: 2 },
    { nll: 0, labelledTokens: 0 },
  ];
  const [perplexity, assertions] = scorePredictions(
    ["perplexity", "assertions"],
    { losses, answers: ["x", "y"] },
    ["a", "b"],
  );
  expect(perplexity).toMatchObject({ rows: 1, unjudged: 0, isInvalid: false, value: Math.exp(0.5) });
  expect(assertions).toMatchObject({ rows: 0, unjudged: 0, isInvalid: false });
});
