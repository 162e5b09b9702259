import { wilsonInterval } from "@tunewise/core/math";
import { describe, expect, test } from "vitest";
import type { MetricName } from "../recipe/index.ts";
import { compareScores } from "./compare.ts";
import { metricKinds } from "./metrics.ts";
import { scorePredictions, withoutRows } from "./score-predictions.ts";
import { readAssertions } from "./scoring/read-assertions.ts";

const references = ["a", "b", "c", "a"];

test("several metrics, in the order asked for, with the facts behind them", () => {
  const answers = ['{"a": 1, "b": 2}', '```json\n{"a": 1}\n```', "no"];
  const rows = ['{"b": 2, "a": 1}', '{"a": 1}', "a reference that is no JSON"];
  const [match, valid] = scorePredictions(["json_match", "json_valid"], { answers }, rows);
  expect(match).toMatchObject({
    metric: "json_match",
    rows: 2,
    // 1 of 3 references cannot be scored, which is more than a valid score allows
    value: Number.NaN,
    unjudged: 1,
    isInvalid: true,
    facts: { whole_equal: 0.5, field_precision: 1, field_recall: 2 / 3, references_not_json: 1 },
  });
  expect(match?.facts["field_f1"]).toBeCloseTo(0.8, 12);
  expect(valid).toMatchObject({
    metric: "json_valid",
    value: 1 / 3,
    facts: { valid_only_inside_a_fence: 1 },
  });
});

test("an unknown answer is counted as such", () => {
  const [score] = scorePredictions(["accuracy"], { answers: ["a", "I think b", "", "b"] }, references, {
    labels: ["b", "a", "c", "d"],
  });
  expect(score?.facts).toEqual({ unknown_answers: 2 });
  expect(score?.labels?.unknown).toBe(2);
  expect(score?.labels?.labels.map(({ label }) => label)).toEqual(["b", "a", "c"]);
});

test("no rows: NaN and no interval, never a made-up 0", () => {
  for (const metric of Object.keys(metricKinds) as MetricName[]) {
    const [score] = scorePredictions(
      [metric],
      { answers: [], losses: [], established: { sql_execution: [] } },
      [],
    );
    expect(score).toMatchObject({ value: Number.NaN, interval: null, rows: 0 });
  }
});

test("scores are the same twice and survive JSON", () => {
  const at = () => scorePredictions(["macro_f1", "rouge_l"], { answers: ["a", "c", "c", "x"] }, references);
  expect(at()).toEqual(at());
  expect(JSON.parse(JSON.stringify(at()))).toEqual(at());
});

test.each([
  ["accuracy", { answers: ["a"] }, "needs 4 answers, got 1"],
  ["accuracy", {}, "needs 4 answers, got none"],
  ["perplexity", { losses: [] }, "needs the loss of 4 rows, got 0"],
  ["perplexity", {}, "needs the loss of 4 rows, got none"],
] as const)("%s without its evidence is a bug of the caller", (metric, predictions, message) => {
  expect(() => scorePredictions([metric], predictions, references)).toThrow(message);
});

describe("defaults", () => {
  test("text is compared as it stands, words are not stemmed, no label is known but the references'", () => {
    expect(scorePredictions(["exact_match"], { answers: ["A"] }, ["a"])[0]?.value).toBe(0);
    expect(scorePredictions(["exact_match"], { answers: ["A"] }, ["a"], { case: "ignore" })[0]?.value).toBe(
      1,
    );
    expect(scorePredictions(["exact_match"], { answers: ["a  b"] }, ["a b"])[0]?.value).toBe(0);
    expect(
      scorePredictions(["exact_match"], { answers: ["a  b"] }, ["a b"], { whitespace: "collapse" })[0]?.value,
    ).toBe(1);
    expect(scorePredictions(["rouge_l"], { answers: ["running"] }, ["runs"])[0]?.value).toBe(0);
    expect(scorePredictions(["rouge_l"], { answers: ["running"] }, ["runs"], { stem: true })[0]?.value).toBe(
      1,
    );
    const [score] = scorePredictions(["accuracy"], { answers: ["a", "d"] }, ["a", "a"]);
    expect(score?.facts).toEqual({ unknown_answers: 1 });
    expect(score?.labels?.labels.map(({ label }) => label)).toEqual(["a"]);
    expect(score?.outcomes.map(({ pair }) => pair)).toEqual([
      [0, 0],
      [0, -1],
    ]);
  });

  test("2000 draws from seed 1", () => {
    const answers = ["the cat", "a dog", "one two three", "four"];
    const texts = ["the cat", "one dog", "two three", "five"];
    const at = (settings: object) => scorePredictions(["rouge_l"], { answers }, texts, settings)[0]?.interval;
    expect(at({})).toEqual(at({ seed: 1, draws: 2000 }));
    expect(at({ draws: 9 })).not.toEqual(at({}));
    expect(at({ draws: 10, seed: 7 })).not.toEqual(at({ draws: 10 }));
  });

  test("only metrics of labels come with a table of labels", () => {
    const scores = scorePredictions(
      ["accuracy", "macro_f1", "exact_match", "rouge_l"],
      { answers: references },
      references,
    );
    expect(scores.map(({ labels }) => labels !== null)).toEqual([true, true, false, false]);
  });
});

describe("intervals", () => {
  test("of right and wrong rows are Wilson's, over the rows that could be judged", () => {
    const outcomes = references.map((_, row) => ({ value: row < 3 ? 1 : 0, weight: 1 }));
    const many = Array.from({ length: 10 }, () => outcomes).flat(); // 30 of 40 right
    const rows = many.map((_, row) => `select ${row}`);
    const established = { sql_execution: [...many, { value: 0, weight: 0 }] };
    const answers = [...rows, "x"];
    const [score] = scorePredictions(["sql_execution"], { answers, established }, answers);
    expect(score).toMatchObject({ value: 0.75, rows: 40, unjudged: 1, isInvalid: false });
    expect(score?.interval).toEqual(wilsonInterval(30, 40));
  });

  test("need two rows", () => {
    expect(scorePredictions(["exact_match"], { answers: ["a"] }, ["a"])[0]).toMatchObject({
      value: 1,
      interval: null,
    });
    expect(scorePredictions(["rouge_l"], { answers: ["a"] }, ["a"])[0]).toMatchObject({
      value: 1,
      interval: null,
    });
    expect(scorePredictions(["exact_match"], { answers: ["a", "b"] }, ["a", "c"])[0]?.interval).toEqual(
      wilsonInterval(1, 2),
    );
    // with two rows, the 2.5 % and 97.5 % quantiles are the values of single rows
    expect(scorePredictions(["rouge_l"], { answers: ["a", "b"] }, ["a", "c"])[0]?.interval).toEqual({
      low: 0,
      high: 1,
    });
  });

  test("leave rows without tokens out of what is drawn", () => {
    const row = (nll: number, labelledTokens: number) => ({ nll, labelledTokens });
    const [score] = scorePredictions(
      ["perplexity"],
      { losses: [row(0, 10), row(0, 0), row(10, 10), row(0, 0)] },
      ["", "", "", ""],
    );
    expect(score).toMatchObject({
      value: Math.exp(0.5),
      rows: 2,
      unjudged: 0,
      interval: { low: 1, high: Math.E },
    });
  });
});

test("a single sum of losses has its value whichever rows went without an answer", () => {
  const losses = [{ nll: 2, labelledTokens: 2 }];
  const [score] = scorePredictions(["perplexity"], { losses, unanswered: [0, 2] }, references);
  expect(score).toMatchObject({ value: Math.E, interval: null, rows: 1, isInvalid: false });
});

test("of rows without an answer, all that is known of the others stays at its place", () => {
  const rows = Array.from({ length: 40 }, (_, row) => `select ${row}`);
  const cheap = (row: number) => row !== 7;
  const { defaultTest } = readAssertions(
    "defaultTest: { assert: [{ type: cost, threshold: 0.5 }] }",
    "p.yaml",
  );
  const [sql, loss, cost] = scorePredictions(
    ["sql_execution", "perplexity", "assertions"],
    {
      answers: rows,
      losses: rows.map((_, row) => ({ nll: row === 0 ? 1e6 : 2, labelledTokens: 2 })),
      established: { sql_execution: rows.map((_, row) => ({ value: row === 5 ? 0 : 1, weight: 1 })) },
      answerFacts: {
        questions: rows,
        costsUsd: rows.map((_, row) => (cheap(row) ? 0.1 : 1)),
        latenciesMilliseconds: rows.map(() => 1),
      },
      unanswered: [0, 3],
    },
    rows,
    { scoring: { pattern: null, schema: null, tests: [], defaultTest } },
  );
  expect(sql).toMatchObject({ rows: 38, unjudged: 2, value: 37 / 38 });
  expect(sql?.outcomes[5]).toEqual({ value: 0, weight: 1 });
  expect(sql?.outcomes[3]).toEqual({ value: 0, weight: 0 });
  expect(loss).toMatchObject({ rows: 38, value: Math.E });
  expect(cost).toMatchObject({ rows: 38, value: 37 / 38 });
  expect(cost?.outcomes[7]?.value).toBe(0);
});

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
    value: 0,
    rows: 1,
    interval: null,
    outcomes: [...[0, 1, 2].map(() => ({ value: 0, weight: 0 })), score.outcomes[3]],
  });
  expect(withoutRows(score, new Set())).toMatchObject({ value: 0.75, rows: 4 });
  expect(withoutRows(score, new Set([0, 1, 2, 3]))).toMatchObject({ value: Number.NaN, rows: 0 });
});

test("a invalid score stays void", () => {
  const [score] = scorePredictions(["accuracy"], { answers: ["a", "b"], unanswered: [0] }, ["a", "b"]);
  if (!score) throw new Error("no score");
  expect(withoutRows(score, new Set([0]))).toMatchObject({ value: Number.NaN, isInvalid: true, rows: 1 });
});
