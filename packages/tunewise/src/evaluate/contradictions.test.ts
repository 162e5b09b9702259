/** @file Tests the detection and wording of contradictions: answers equal to their reference but scored as wrong. */
import { describe, expect, test } from "vitest";
import type { MetricName } from "../recipe/index.ts";
import { contradictionText, findContradictions } from "./contradictions.ts";
import type { RowOutcome, Score } from "./score.ts";
import { scorePredictions } from "./score-predictions.ts";

const scored = (metric: MetricName, outcomes: readonly RowOutcome[]): Score => ({
  metric,
  outcomes,
  isInvalid: false,
  value: 0.5,
  interval: null,
  unjudged: 0,
  rows: outcomes.length,
  facts: {},
  labels: null,
});
const wrong = { value: 0, weight: 1 };

test("an answer that is its reference and counts as wrong is found, by whatever metric", () => {
  const references = ["select 1", "select 2", "select 3", "你好"];
  const answers = ["select 1", " select 2 ", "select 4", "你好"];
  const found = (right: readonly number[]): RowOutcome[] =>
    references.map((_, row) => ({ value: right.includes(row) ? 1 : 0, weight: row === 1 ? 0 : 1 }));
  const contradictions = (right: readonly number[], metrics: readonly ["sql_execution", ..."rouge_l"[]]) =>
    findContradictions(
      scorePredictions(metrics, { answers, established: { sql_execution: found(right) } }, references),
      answers,
      references,
    );
  expect(contradictions([0, 3], ["sql_execution"])).toEqual([]);
  const [only] = contradictions([3], ["sql_execution"]);
  expect(only).toEqual({ metric: "sql_execution", rows: 1, equal: 3, first: 0 });
  expect(only && contradictionText(only)).toContain(
    "1 of 3 answers that equal their references are not right",
  );
  // ROUGE counts only Latin letters and digits
  expect(contradictions([0, 3], ["sql_execution", "rouge_l"])).toEqual([
    { metric: "rouge_l", rows: 1, equal: 3, first: 3 },
  ]);
  const same = scorePredictions(["exact_match", "json_match", "sql_match", "contains"], { answers: ["{}"] }, [
    "{}",
  ]);
  expect(findContradictions(same, ["{}"], ["{}"])).toEqual([]);
});

test("a graded metric contradicts itself below 1; rows without an answer, or not judged, contradict nothing", () => {
  const outcomes = [
    { value: 0.99, weight: 1 },
    { value: 1, weight: 1 },
    { value: 0, weight: 0 },
    wrong,
    wrong,
  ];
  const found = findContradictions(
    [scored("json_match", outcomes)],
    ["a", "b ", "c", " ", "e"],
    [" a\n", "b", "c", "", "f"],
  );
  expect(found).toEqual([{ metric: "json_match", rows: 1, equal: 3, first: 0 }]);
});

test("an answer or an outcome that is missing contradicts nothing", () => {
  expect(findContradictions([scored("accuracy", [])], ["a"], ["a"])).toEqual([]);
  expect(findContradictions([scored("accuracy", [wrong])], [], [""])).toEqual([]);
});

// json_valid, regex and similar metrics check a form, and perplexity uses no answer, so a reference may fail them
test("only metrics that compare with the reference can contradict it", () => {
  const all: MetricName[] = [
    ...(["exact_match", "accuracy", "macro_f1", "json_match", "rouge_l", "contains", "sql_match"] as const),
    ...(["sql_execution", "json_valid", "regex", "json_schema", "assertions", "perplexity"] as const),
  ];
  const found = findContradictions(
    all.map((metric) => scored(metric, [wrong])),
    ["a"],
    ["a"],
  );
  expect(found.map(({ metric }) => metric)).toEqual(all.slice(0, 8));
});

describe("a contradiction in words", () => {
  test.each([
    [1, 1, 4, "The answer to row 5 equals its reference and is not right by contains (holds the reference)"],
    [
      1,
      3,
      0,
      "1 of 3 answers that equal their references are not right by contains (holds the reference), the first to row 1",
    ],
    [
      3,
      3,
      2,
      "3 answers that equal their references are not right by contains (holds the reference), the first to row 3",
    ],
  ])("%i of %i, the first at place %i", (rows, equal, first, text) => {
    expect(contradictionText({ metric: "contains", rows, equal, first })).toBe(text);
  });
});
