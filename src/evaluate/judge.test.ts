import { describe, expect, test } from "vitest";
import type { MetricName } from "../recipe/index.ts";
import { compareScores } from "./compare.ts";
import { judge } from "./judge.ts";
import { metricKinds } from "./metrics.ts";

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
  const [score] = judge([metric], { answers }, expected);
  expect(score?.value).toBeCloseTo(value, 12);
  expect(score?.outcomes).toHaveLength(expected.length);
  expect(score?.interval?.low).toBeLessThanOrEqual(value + 1e-12);
  expect(score?.interval?.high).toBeGreaterThanOrEqual(value - 1e-12);
});

describe("perplexity", () => {
  const losses = [
    { nll: 2, labelledTokens: 2 },
    { nll: 10, labelledTokens: 4 },
    { nll: 0, labelledTokens: 0 },
  ];
  test("weighs by tokens, not by rows, and leaves out rows without tokens", () => {
    const [score] = judge(["perplexity"], { losses }, ["a", "b", "c"]);
    expect(score?.value).toBeCloseTo(Math.exp(12 / 6), 12);
    expect(score?.rows).toBe(2);
  });
  test("a single sum has a value and no interval", () => {
    const [score] = judge(["perplexity"], { losses: losses.slice(0, 1) }, ["a", "b", "c"]);
    expect(score).toMatchObject({ value: Math.E, interval: null });
  });
  test("lower is better", () => {
    const row = (nll: number) => ({ nll, labelledTokens: 4 });
    const at = (shift: number) =>
      judge(["perplexity"], { losses: [1, 2, 3, 4, 5].map((nll) => row(nll + shift)) }, [
        "",
        "",
        "",
        "",
        "",
      ])[0];
    const [base, tuned] = [at(1), at(0)];
    if (!base || !tuned) throw new Error("no scores");
    expect(compareScores(base, tuned).verdict).toBe("better");
    expect(compareScores(tuned, base).verdict).toBe("worse");
    expect(compareScores(base, base).verdict).toBe("unclear");
  });
});

test("several metrics, in the order asked for, with the facts behind them", () => {
  const answers = ['{"a": 1, "b": 2}', '```json\n{"a": 1}\n```', "no"];
  const rows = ['{"b": 2, "a": 1}', '{"a": 1}', "a reference that is no JSON"];
  const [match, valid] = judge(["json_match", "json_valid"], { answers }, rows);
  expect(match).toMatchObject({
    metric: "json_match",
    rows: 2,
    // one of three references cannot be judged by: more than a score can stand
    ...{ value: Number.NaN, unjudged: 1, isVoid: true },
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
  const [score] = judge(["accuracy"], { answers: ["a", "I think b", "", "b"] }, references, {
    labels: ["b", "a", "c", "d"],
  });
  expect(score?.facts).toEqual({ unknown_answers: 2 });
  expect(score?.labels?.unknown).toBe(2);
  expect(score?.labels?.labels.map(({ label }) => label)).toEqual(["b", "a", "c"]);
});

test("options of text and stems", () => {
  expect(judge(["exact_match"], { answers: ["X  y"] }, ["x y"])[0]?.value).toBe(0);
  const loose = { case: "ignore", whitespace: "collapse" } as const;
  expect(judge(["exact_match"], { answers: ["X  y"] }, ["x y"], loose)[0]?.value).toBe(1);
  expect(judge(["rouge_l"], { answers: ["running"] }, ["runs"])[0]?.value).toBe(0);
  expect(judge(["rouge_l"], { answers: ["running"] }, ["runs"], { stem: true })[0]?.value).toBe(1);
});

test("no rows: NaN and no interval, never a made-up 0", () => {
  for (const metric of Object.keys(metricKinds) as MetricName[]) {
    const [score] = judge([metric], { answers: [], losses: [], established: { sql_execution: [] } }, []);
    expect(score).toMatchObject({ value: Number.NaN, interval: null, rows: 0 });
  }
});

test("scores are the same twice and survive JSON", () => {
  const at = () => judge(["macro_f1", "rouge_l"], { answers: ["a", "c", "c", "x"] }, references);
  expect(at()).toEqual(at());
  expect(JSON.parse(JSON.stringify(at()))).toEqual(at());
});

test.each([
  ["accuracy", { answers: ["a"] }, "needs 4 answers, got 1"],
  ["accuracy", {}, "needs 4 answers, got none"],
  ["perplexity", { losses: [] }, "needs the loss of 4 rows, got 0"],
] as const)("%s without its evidence is a bug of the caller", (metric, predictions, message) => {
  expect(() => judge([metric], predictions, references)).toThrow(message);
});

describe("base beside tuned", () => {
  const rows = Array.from({ length: 40 }, () => "yes");
  const score = (metric: MetricName, right: (row: number) => boolean) => {
    const [found] = judge([metric], { answers: rows.map((_, row) => (right(row) ? "yes" : "no")) }, rows);
    if (!found) throw new Error("no score");
    return found;
  };
  test("counts rows by who was right, and tests them exactly", () => {
    const base = score("exact_match", (row) => row < 21);
    const tuned = score("exact_match", (row) => row >= 1 && row < 30);
    const comparison = compareScores(base, tuned);
    expect(comparison).toMatchObject({
      base: 21 / 40,
      tuned: 29 / 40,
      rows: 40,
      counts: { both: 20, onlyBase: 1, onlyTuned: 9, neither: 10 },
      verdict: "better",
    });
    expect(comparison.difference).toBeCloseTo(0.2, 12);
    expect(comparison.pValue).toBeCloseTo(0.0215, 4);
    expect(comparison.interval?.low).toBeGreaterThan(0);
    expect(comparison.detectable).toBeGreaterThan(0.1);
  });
  test("a difference that chance explains is unclear", () => {
    const comparison = compareScores(
      score("exact_match", (row) => row < 20),
      score("exact_match", (row) => row < 22),
    );
    expect(comparison).toMatchObject({ verdict: "unclear", pValue: 0.5 });
  });
  test("graded metrics use the paired bootstrap", () => {
    const comparison = compareScores(
      score("rouge_l", (row) => row < 10),
      score("rouge_l", (row) => row < 30),
    );
    expect(comparison).toMatchObject({ verdict: "better", pValue: null, counts: null, detectable: null });
    expect(comparison.interval?.low).toBeGreaterThan(0.3);
    expect(comparison.interval?.high).toBeLessThan(0.7);
  });
  test("pairing narrows the interval: two equal models differ by nothing at all", () => {
    const same = score("rouge_l", (row) => row % 2 === 0);
    expect(compareScores(same, same).interval).toEqual({ low: 0, high: 0 });
  });
  test("scores of other rows or metrics do not compare", () => {
    const short = judge(["exact_match"], { answers: ["yes"] }, ["yes"])[0];
    if (!short) throw new Error("no score");
    expect(() =>
      compareScores(
        short,
        score("exact_match", () => true),
      ),
    ).toThrow("not judged on the same rows");
  });
});

test("what a program found out is taken as it is, and must be there for every row", () => {
  const outcomes = [
    { value: 1, weight: 1 },
    { value: 0, weight: 0 },
  ];
  const about = { answers: ["x", "y"], established: { sql_execution: outcomes } };
  const [score] = judge(["sql_execution"], about, ["a", "b"]);
  expect(score).toMatchObject({ value: Number.NaN, rows: 1, isVoid: true, facts: { not_judged: 1 } });
  expect(() => judge(["sql_execution"], { answers: ["x", "y"] }, ["a", "b"])).toThrow("needs 2 outcomes");
});
