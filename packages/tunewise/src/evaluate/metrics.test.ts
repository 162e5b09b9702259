/** @file Tests the table of metrics: inputs, classification, aggregation and supporting figures. */
import { describe, expect, test } from "vitest";
import type { MetricName } from "../recipe/index.ts";
import { metricKinds } from "./metrics.ts";
import { scorePredictions } from "./score-predictions.ts";
import { readAssertions } from "./scoring/read-assertions.ts";
import { noFacts, noScoringData } from "./scoring/scoring-data.ts";

const references = ["a", "b", "c", "a"];

test.each([
  ["exact_match", ["a", " b ", "C", "x"], references, 0.5],
  ["accuracy", ["a", "B.", "C", "x"], references, 0.75],
  ["macro_f1", ["a", "b", "c", "x"], references, (2 / 3 + 1 + 1) / 3],
  ["json_valid", ['{"x": 1}', "{}", "nope", "[1]"], references, 0.75],
  ["json_match", ['{"x": 1}', '{"x": 2, "y": 1}'], ['{"x": 1}', '{"x": 2}'], (1 + 2 / 3) / 2],
  ["rouge_l", ["the cat", "a dog"], ["the cat", "one dog"], 0.75],
  ["contains", ["in Paris", "Rome"], ["Paris", "Paris"], 0.5],
  ["sql_match", ["SELECT a  FROM t", "SELECT b FROM t"], ["select a from t", "select a from t"], 0.5],
] as [MetricName, string[], string[], number][])("%s", (metric, answers, expected, value) => {
  const [score] = scorePredictions([metric], { answers }, expected);
  expect(score?.value).toBeCloseTo(value, 12);
  expect(score?.outcomes).toHaveLength(expected.length);
  expect(score?.interval?.low).toBeLessThanOrEqual(value + 1e-12);
  expect(score?.interval?.high).toBeGreaterThanOrEqual(value - 1e-12);
});

test("which statistics, unit and table each metric gets", () => {
  const traits = Object.entries(metricKinds).map(([name, kind]) =>
    [
      name,
      kind.needs,
      kind.unit,
      kind.isYesNo ? "right or wrong" : "graded",
      kind.higherIsBetter ? "more is better" : "less is better",
      ...(kind.hasLabels ? ["labels"] : []),
      ...(kind.isEstablished ? ["found out elsewhere"] : []),
    ].join(", "),
  );
  expect(traits).toMatchInlineSnapshot(`
    [
      "exact_match, answers, share, right or wrong, more is better",
      "accuracy, answers, share, right or wrong, more is better, labels",
      "macro_f1, answers, share, graded, more is better, labels",
      "json_valid, answers, share, right or wrong, more is better",
      "json_match, answers, share, graded, more is better",
      "tool_calls, answers, share, graded, more is better",
      "rouge_l, answers, share, graded, more is better",
      "contains, answers, share, right or wrong, more is better",
      "regex, answers, share, right or wrong, more is better",
      "json_schema, answers, share, right or wrong, more is better",
      "sql_match, answers, share, right or wrong, more is better",
      "sql_execution, answers, share, right or wrong, more is better, found out elsewhere",
      "assertions, answers, share, right or wrong, more is better",
      "perplexity, loss, perplexity, graded, less is better",
      "bits_per_byte, loss, bits, graded, less is better",
    ]
  `);
});

describe("values over drawn rows", () => {
  const outcomes = [
    { value: 1, weight: 1 },
    { value: 0, weight: 1 },
    { value: 9, weight: 0 }, // could not be scored, so its value is ignored
    { value: 0.5, weight: 1 },
  ];
  const { exact_match: mean, perplexity } = metricKinds;

  test("a mean is over rows that could be judged, each as often as it was drawn", () => {
    expect(mean.aggregate(outcomes, null)).toBe(0.5);
    expect(mean.aggregate(outcomes, Int32Array.of(0, 0, 1, 2))).toBeCloseTo(2 / 3, 12);
    expect(mean.aggregate(outcomes, Int32Array.of(3))).toBe(0.5);
  });

  test("perplexity is e to the loss per token of the drawn rows", () => {
    const losses = [
      { value: 4, weight: 4 },
      { value: 0, weight: 12 },
      { value: 9, weight: 0 },
    ];
    expect(perplexity.aggregate(losses, null)).toBeCloseTo(Math.exp(0.25), 12);
    expect(perplexity.aggregate(losses, Int32Array.of(0, 0, 2))).toBeCloseTo(Math.E, 12);
  });

  test("no row that could be judged is no number, not 0", () => {
    for (const { aggregate } of [mean, perplexity]) {
      expect(aggregate([], null)).toBeNaN();
      expect(aggregate(outcomes, Int32Array.of(2, 2))).toBeNaN();
    }
  });
});

test("of JSON, fields are counted over all rows, and rows that are wholly equal apart", () => {
  const rows = [
    ['{"a": 1, "b": 2}', '{"a": 1, "b": 2}'], // all equal
    ['{"a": 1}', '{"a": 1, "b": 2, "c": 3}'], // 1 of 3 fields right
    ["no JSON", '{"a": 1, "b": 2}'], // 0 of 2 right, none answered
    ['{"a": 2, "b": 2, "c": 3}', '{"b": 2}'], // 1 of 1 right, two extra
    ["null", "null"], // all equal: a value that is not an object is one field
  ] as const;
  const many = [...rows, ...rows, ...rows, ...rows];
  const [score] = scorePredictions(
    ["json_match"],
    { answers: [...many.map(([answer]) => answer), '{"a": 1}'] },
    [...many.map(([, reference]) => reference), "a reference that is no JSON"],
  );
  expect(score?.outcomes.slice(0, 5).map(({ value }) => value)).toEqual([1, 0.5, 0, 0.5, 1]);
  expect(score?.outcomes.at(-1)).toEqual({ value: 0, weight: 0 });
  expect(score).toMatchObject({ value: 0.6, rows: 20, unjudged: 1 });
  // per five rows: 5 fields right, 7 answered, 9 expected
  expect(score?.facts).toEqual({
    whole_equal: 0.4,
    field_precision: expect.closeTo(5 / 7, 12),
    field_recall: expect.closeTo(5 / 9, 12),
    field_f1: expect.closeTo(10 / 16, 12),
    references_not_json: 1,
  });
  const [none] = scorePredictions(["json_match"], { answers: ["{}"] }, ["no JSON"]);
  expect(none?.facts).toMatchObject({ whole_equal: 0, references_not_json: 1 });
});

test("JSON that only a fence hides is told, other answers are not", () => {
  const answers = ["{}", "```\n{}\n```", "```\nno\n```", "no", "```json\n[]\n```"];
  const [score] = scorePredictions(["json_valid"], { answers }, ["", "", "", "", ""]);
  expect(score?.outcomes.map(({ value }) => value)).toEqual([1, 0, 0, 0, 0]);
  expect(score?.facts).toEqual({ valid_only_inside_a_fence: 2 });
});

test("a label is right whatever marks stand around it; one that is none is counted as unknown", () => {
  const [score] = scorePredictions(["accuracy"], { answers: ["**A**", "b.", "none of them"] }, [
    "a",
    "a",
    "b",
  ]);
  expect(score?.outcomes).toEqual([
    { value: 1, weight: 1, pair: [0, 0] },
    { value: 0, weight: 1, pair: [0, 1] },
    { value: 0, weight: 1, pair: [1, -1] },
  ]);
  expect(score?.facts).toEqual({ unknown_answers: 1 });
});

test("an answer that never came is no text at all, by every metric that compares texts", () => {
  const evidence = {
    answers: [],
    references: ["a", '{"a": 1}'],
    losses: [],
    stem: false,
    answerFacts: noFacts,
    established: {},
    text: { case: "keep", whitespace: "keep" } as const,
    scoring: noScoringData,
    readLabel: (answer: string) => (answer === "" ? -1 : 0),
  };
  for (const name of ["exact_match", "accuracy", "json_valid", "rouge_l", "contains", "sql_match"] as const) {
    const { outcomes } = metricKinds[name].compute(evidence);
    expect(outcomes.map(({ value, weight }) => [value, weight])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  }
  expect(metricKinds.json_match.compute(evidence).outcomes).toEqual([
    { value: 0, weight: 0 },
    { value: 0, weight: 1 },
  ]);
});

test("assertions are held against the answers", () => {
  const { defaultTest } = readAssertions(
    "defaultTest: { assert: [{ type: contains, value: yes }] }",
    "p.yaml",
  );
  const scoring = { ...noScoringData, defaultTest };
  const [score] = scorePredictions(["assertions"], { answers: ["oh yes", "no"] }, ["", ""], { scoring });
  expect(score).toMatchObject({ value: 0.5, rows: 2 });
});

test("what a program found out has to be there", () => {
  const outcomes = [{ value: 1, weight: 1 }];
  const found = (established: object) => () =>
    scorePredictions(["sql_execution"], { answers: ["a", "b"], established }, ["a", "b"]);
  expect(found({ sql_execution: outcomes })).toThrow("Internal: sql_execution needs 2 outcomes, got 1");
  expect(found({})).toThrow("Internal: sql_execution needs 2 outcomes, got none");
});

test("rows without an answer's token are outside of a perplexity, not missing from it", () => {
  const losses = [{ nll: 2, labelledTokens: 2 }, ...[0, 0, 0].map((nll) => ({ nll, labelledTokens: 0 }))];
  const [score] = scorePredictions(["perplexity"], { losses }, ["a", "", "", ""]);
  expect(score).toMatchObject({ value: Math.E, rows: 1, unjudged: 0, isInvalid: false });
});

test("options of text and stems", () => {
  expect(scorePredictions(["exact_match"], { answers: ["X  y"] }, ["x y"])[0]?.value).toBe(0);
  const loose = { case: "ignore", whitespace: "collapse" } as const;
  expect(scorePredictions(["exact_match"], { answers: ["X  y"] }, ["x y"], loose)[0]?.value).toBe(1);
  expect(scorePredictions(["rouge_l"], { answers: ["running"] }, ["runs"])[0]?.value).toBe(0);
  expect(scorePredictions(["rouge_l"], { answers: ["running"] }, ["runs"], { stem: true })[0]?.value).toBe(1);
});

test("what a program found out is taken as it is, and must be there for every row", () => {
  const outcomes = [
    { value: 1, weight: 1 },
    { value: 0, weight: 0 },
    { value: 0, weight: 1 },
  ];
  const about = { answers: ["x", "y", "z"], established: { sql_execution: outcomes } };
  const [score] = scorePredictions(["sql_execution"], about, ["a", "b", "c"]);
  expect(score).toMatchObject({ value: Number.NaN, rows: 2, isInvalid: true, facts: { not_judged: 1 } });
  expect(() => scorePredictions(["sql_execution"], { answers: ["x", "y"] }, ["a", "b"])).toThrow(
    "needs 2 outcomes",
  );
});

describe("perplexity", () => {
  const losses = [
    { nll: 2, labelledTokens: 2 },
    { nll: 10, labelledTokens: 4 },
    { nll: 0, labelledTokens: 0 },
  ];
  test("weighs by tokens, not by rows, and leaves out rows without tokens", () => {
    const [score] = scorePredictions(["perplexity"], { losses }, ["a", "b", "c"]);
    expect(score?.value).toBeCloseTo(Math.exp(12 / 6), 12);
    expect(score?.rows).toBe(2);
  });
  test("a single sum has a value and no interval", () => {
    const [score] = scorePredictions(["perplexity"], { losses: losses.slice(0, 1) }, ["a", "b", "c"]);
    expect(score).toMatchObject({ value: Math.E, interval: null });
  });
});
