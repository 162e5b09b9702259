import { expect, test } from "vitest";
import { compareScores } from "./compare.ts";
import { scorePredictions } from "./score-predictions.ts";
import { withoutRows } from "./seen-rows.ts";

test("a score without some rows is that of the others alone", () => {
  const references = ["a", "b", "a", "b"];
  const [base, tuned] = [["a", "a", "b", "b"], references].map((answers) => {
    const [score] = scorePredictions(["accuracy"], { answers }, references, { labels: ["a", "b"] });
    if (!score) throw new Error("no score");
    return score;
  });
  if (!base || !tuned) throw new Error("no score");
  const left = new Set([1, 2]);
  expect(withoutRows(base, left)).toMatchObject({ value: 1, rows: 2 });
  const rest = compareScores(withoutRows(base, left), withoutRows(tuned, left));
  expect(rest).toMatchObject({ rows: 2, difference: 0, verdict: "unclear" });
  expect(compareScores(base, tuned).difference).toBe(0.5);
});

test("three of four rows left out leave one; the interval of all rows is not that of the rest", () => {
  const references = ["a", "b", "a", "b"];
  const [score] = scorePredictions(["accuracy"], { answers: ["a", "b", "a", "a"] }, references);
  if (!score) throw new Error("no score");
  expect(withoutRows(score, new Set([0, 1, 2]))).toEqual({
    ...score,
    ...{ value: 0, rows: 1, interval: null },
    outcomes: [...[0, 1, 2].map(() => ({ value: 0, weight: 0 })), score.outcomes[3]],
  });
  expect(withoutRows(score, new Set())).toMatchObject({ value: 0.75, rows: 4 });
  expect(withoutRows(score, new Set([0, 1, 2, 3]))).toMatchObject({ value: Number.NaN, rows: 0 });
});

test("a void score stays void", () => {
  const [score] = scorePredictions(["accuracy"], { answers: ["a", "b"], unanswered: [0] }, ["a", "b"]);
  if (!score) throw new Error("no score");
  expect(withoutRows(score, new Set([0]))).toMatchObject({ value: Number.NaN, isVoid: true, rows: 1 });
});
