/** @file The table of metrics: what each one needs and how it is judged, and what stands behind its value. */
import { describe, expect, test } from "vitest";
import { judge } from "./judge.ts";
import { metricKinds } from "./metrics.ts";

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
      "rouge_l, answers, share, graded, more is better",
      "contains, answers, share, right or wrong, more is better",
      "regex, answers, share, right or wrong, more is better",
      "json_schema, answers, share, right or wrong, more is better",
      "sql_match, answers, share, right or wrong, more is better",
      "sql_execution, answers, share, right or wrong, more is better, found out elsewhere",
      "assertions, answers, share, right or wrong, more is better",
      "perplexity, loss, perplexity, graded, less is better",
    ]
  `);
});

describe("values over drawn rows", () => {
  const outcomes = [
    { value: 1, weight: 1 },
    { value: 0, weight: 1 },
    { value: 9, weight: 0 }, // could not be judged: whatever its value, it counts for nothing
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
    ['{"a": 1, "b": 2}', '{"a": 1, "b": 2}'], // whole
    ['{"a": 1}', '{"a": 1, "b": 2, "c": 3}'], // one of three
    ["no JSON", '{"a": 1, "b": 2}'], // none of two, none answered
    ['{"a": 2, "b": 2, "c": 3}', '{"b": 2}'], // one of one, two too many
    ["null", "null"], // whole: a value that is no object is one field
  ] as const;
  const many = [...rows, ...rows, ...rows, ...rows];
  const [score] = judge(["json_match"], { answers: [...many.map(([answer]) => answer), '{"a": 1}'] }, [
    ...many.map(([, reference]) => reference),
    "a reference that is no JSON",
  ]);
  expect(score?.outcomes.slice(0, 5).map(({ value }) => value)).toEqual([1, 0.5, 0, 0.5, 1]);
  expect(score?.outcomes.at(-1)).toEqual({ value: 0, weight: 0 });
  expect(score).toMatchObject({ value: 0.6, rows: 20, unjudged: 1 });
  // in every five rows: 5 fields right, 7 answered, 9 expected
  expect(score?.facts).toEqual({
    whole_equal: 0.4,
    field_precision: expect.closeTo(5 / 7, 12),
    field_recall: expect.closeTo(5 / 9, 12),
    field_f1: expect.closeTo(10 / 16, 12),
    references_not_json: 1,
  });
  const [none] = judge(["json_match"], { answers: ["{}"] }, ["no JSON"]);
  expect(none?.facts).toMatchObject({ whole_equal: 0, references_not_json: 1 });
});

test("JSON that only a fence hides is told, other answers are not", () => {
  const answers = ["{}", "```\n{}\n```", "```\nno\n```", "no"];
  const [score] = judge(["json_valid"], { answers }, ["", "", "", ""]);
  expect(score?.outcomes.map(({ value }) => value)).toEqual([1, 0, 0, 0]);
  expect(score?.facts).toEqual({ valid_only_inside_a_fence: 1 });
});

test("a label is right whatever marks stand around it; one that is none is counted as unknown", () => {
  const [score] = judge(["accuracy"], { answers: ["**A**", "b.", "none of them"] }, ["a", "a", "b"]);
  expect(score?.outcomes).toEqual([
    { value: 1, weight: 1, pair: [0, 0] },
    { value: 0, weight: 1, pair: [0, 1] },
    { value: 0, weight: 1, pair: [1, -1] },
  ]);
  expect(score?.facts).toEqual({ unknown_answers: 1 });
});

test("what a program found out has to be there", () => {
  const outcomes = [{ value: 1, weight: 1 }];
  const found = (established: object) => () =>
    judge(["sql_execution"], { answers: ["a", "b"], established }, ["a", "b"]);
  expect(found({ sql_execution: outcomes })).toThrow("Internal: sql_execution needs 2 outcomes, got 1");
  expect(found({})).toThrow("Internal: sql_execution needs 2 outcomes, got none");
});

test("rows without an answer's token are outside of a perplexity, not missing from it", () => {
  const losses = [{ nll: 2, labelledTokens: 2 }, ...[0, 0, 0].map((nll) => ({ nll, labelledTokens: 0 }))];
  const [score] = judge(["perplexity"], { losses }, ["a", "", "", ""]);
  expect(score).toMatchObject({ value: Math.E, rows: 1, unjudged: 0, isVoid: false });
});
