import { describe, expect, test } from "vitest";
import { type AssertedAnswer, assertAnswer, jsonInside } from "./assert-answer.ts";
import { levenshtein, rougeN } from "./likeness.ts";
import { readAssertions, writeAssertions } from "./read-assertions.ts";

const answerOf = (text: string, known: Partial<AssertedAnswer> = {}): AssertedAnswer => ({
  ...{ text, costUsd: null, latencyMilliseconds: null, grade: () => null },
  ...known,
});
const judged = (assertions: unknown[], text: string, known: Partial<AssertedAnswer> = {}) => {
  const { otherwise, findings } = readAssertions(JSON.stringify(assertions), "a.json");
  expect(findings).toEqual([]);
  return assertAnswer(otherwise ?? { vars: {}, assertions: [], threshold: null }, answerOf(text, known));
};
const schema = { type: "object", required: ["x"] };

describe("one assertion", () => {
  test.each<[Record<string, unknown>, string, boolean]>([
    [{ type: "equals", value: "Yes" }, "Yes", true],
    [{ type: "equals", value: "Yes" }, "yes", false],
    [{ type: "equals", value: { a: 1, b: [2] } }, '{"b":[2],"a":1}', true],
    [{ type: "not-equals", value: { a: 1 } }, "no json", true],
    [{ type: "contains", value: 0 }, "10", true],
    [{ type: "icontains", value: "PARIS" }, "in Paris", true],
    [{ type: "not-icontains", value: "sorry" }, "Sorry, no", false],
    [{ type: "contains-all", value: ["a", "b"] }, "b a", true],
    [{ type: "contains-all", value: 'a, "b,c"' }, "a b,c", true],
    [{ type: "contains-any", value: "x,y" }, "only y", true],
    [{ type: "icontains-any", value: ["X"] }, "ax", true],
    [{ type: "icontains-all", value: ["X", "B"] }, "ax", false],
    [{ type: "starts-with", value: "Yes" }, "Yes, sir", true],
    [{ type: "regex", value: "\\d{4}" }, "in 2026", true],
    [{ type: "is-json" }, "[1]", true],
    [{ type: "is-json", value: schema }, '{"y":1}', false],
    [{ type: "not-is-json", value: schema }, '{"y":1}', true],
    [{ type: "contains-json", value: schema }, 'Here: {"x": "}"} as asked', true],
    [{ type: "contains-json" }, "{no}", false],
    [{ type: "is-sql" }, "SELECT a FROM t WHERE (b = 1)", true],
    [{ type: "is-sql" }, "I would select a table", false],
    [{ type: "levenshtein", value: "kitten" }, "sitting", true],
    [{ type: "levenshtein", value: "kitten", threshold: 2 }, "sitting", false],
    [{ type: "rouge-n", value: "the cat sat on the mat" }, "the cat sat on a mat", true],
    [{ type: "rouge-n", value: "the cat sat" }, "a dog ran", false],
  ])("%j of %s", (assertion, text, passes) => {
    expect(judged([assertion], text).pass).toBe(passes);
  });

  test("a pattern that never ends is unknown, negated or not", () => {
    const text = `${"a".repeat(40)}!`;
    expect(judged([{ type: "regex", value: "^(a+)+$" }], text).pass).toBeNull();
    expect(judged([{ type: "not-regex", value: "^(a+)+$" }], text).pass).toBeNull();
  });

  test("cost and latency are compared where they were measured", () => {
    const limit = [
      { type: "cost", threshold: 0.001 },
      { type: "latency", threshold: 500 },
    ];
    expect(judged(limit, "", { costUsd: 0.001, latencyMilliseconds: 400 }).pass).toBe(true);
    expect(judged(limit, "", { costUsd: 0.002, latencyMilliseconds: 400 }).pass).toBe(false);
    expect(judged(limit, "", { costUsd: 0.001 }).pass).toBeNull();
  });

  test("grades of models are taken as given", () => {
    const rubric = [
      { type: "llm-rubric", value: "is polite" },
      { type: "similar", value: "hello" },
    ];
    const grade = ({ type }: { type: string }) =>
      type === "similar" ? { score: 0.8 } : { score: 0.5, pass: true };
    expect(judged(rubric, "hi", { grade }).pass).toBe(true);
    expect(judged([{ type: "not-similar", value: "hello" }], "hi", { grade }).pass).toBe(false);
    expect(judged(rubric, "hi").pass).toBeNull();
  });
});

describe("a whole test", () => {
  test("weights make the score, and a test's threshold overrides its assertions", () => {
    const assert = [
      { type: "contains", value: "a", weight: 3 },
      { type: "contains", value: "b" },
    ];
    const read = (threshold: object) =>
      readAssertions(JSON.stringify({ tests: [{ assert, ...threshold }] }), "a.json").tests[0];
    const test = read({});
    expect(test && assertAnswer(test, answerOf("a"))).toMatchObject({ pass: false, score: 0.75 });
    const lenient = read({ threshold: 0.7 });
    expect(lenient && assertAnswer(lenient, answerOf("a"))).toMatchObject({ pass: true, score: 0.75 });
  });

  test("a weight of 0 measures and never fails; no assertion passes", () => {
    expect(
      judged(
        [
          { type: "contains", value: "z", weight: 0 },
          { type: "contains", value: "a" },
        ],
        "a",
      ),
    ).toMatchObject({ pass: true, score: 1 });
    expect(judged([], "a")).toMatchObject({ pass: true, score: 1 });
  });
});

test("a configuration in YAML, with what all tests share", () => {
  const text = `
defaultTest:
  assert: [{ type: not-icontains, value: sorry }]
tests:
  - vars: { city: Paris }
    assert:
      - { type: equals, value: France }
      - { type: javascript, value: "output.length > 3" }
  - vars: { city: Rome }
    threshold: 0.5
    assert: [{ type: cost }, { type: regex, value: "(" }]
`;
  const { tests, findings } = readAssertions(text, "promptfooconfig.yaml");
  expect(tests.map(({ vars, assertions }) => [vars["city"], assertions.map(({ type }) => type)])).toEqual([
    ["Paris", ["icontains", "equals"]],
    ["Rome", ["icontains"]],
  ]);
  expect(findings.map(({ code }) => code)).toEqual([
    ...["ASSERTION_UNSUPPORTED", "ASSERTION_INVALID", "ASSERTION_INVALID"],
  ]);
  expect(findings[0]?.detail).toContain("tests[0].assert[1] is of type javascript");
  expect(findings[1]?.detail).toContain("cost needs a threshold");
  expect(readAssertions(writeAssertions(tests), "b.json").tests).toEqual(tests);
  const common = readAssertions("defaultTest: { assert: [{ type: is-json }] }", "c.yaml");
  expect(common).toMatchObject({ tests: [], otherwise: { assertions: [{ type: "is-json" }] }, findings: [] });
});

test("likeness", () => {
  expect(levenshtein("kitten", "sitting")).toBe(3);
  expect(levenshtein("", "abc")).toBe(3);
  expect(rougeN("a b b", "b c")).toBeCloseTo((2 * 1) / 5, 12);
  expect(jsonInside('x {"a": [1]} y [2] {')).toEqual([{ a: [1] }, [2]]);
});
