import { describe, expect, test } from "vitest";
import { type AssertedAnswer, assertAnswer, evaluateAssertion, jsonInside } from "./assert-answer.ts";
import type { Assertion } from "./assertion.ts";
import { readAssertions } from "./read-assertions.ts";

const answerOf = (text: string, known: Partial<AssertedAnswer> = {}): AssertedAnswer => ({
  text,
  costUsd: null,
  latencyMilliseconds: null,
  grade: () => null,
  ...known,
});
const judged = (assertions: unknown[], text: string, known: Partial<AssertedAnswer> = {}) => {
  const { defaultTest, findings } = readAssertions(JSON.stringify(assertions), "a.json");
  expect(findings).toEqual([]);
  return assertAnswer(defaultTest ?? { vars: {}, assertions: [], threshold: null }, answerOf(text, known));
};
const schema = { type: "object", required: ["x"] };

describe("one assertion", () => {
  test.each<[Record<string, unknown>, string, boolean]>([
    [{ type: "equals", value: "Yes" }, "Yes", true],
    [{ type: "equals", value: "Yes" }, "yes", false],
    [{ type: "equals", value: 7 }, "7", true],
    [{ type: "equals", value: { a: 1, b: [2] } }, '{"b":[2],"a":1}', true],
    [{ type: "equals", value: { a: 1 } }, '{"a":2}', false],
    [{ type: "equals", value: { a: 1 } }, "no json", false],
    [{ type: "not-equals", value: { a: 1 } }, "no json", true],
    [{ type: "contains", value: 0 }, "10", true],
    [{ type: "icontains", value: "PARIS" }, "in Paris", true],
    [{ type: "not-icontains", value: "sorry" }, "Sorry, no", false],
    [{ type: "contains", value: "Paris" }, "in paris", false],
    [{ type: "icontains", value: "rome" }, "in Paris", false],
    [{ type: "contains-all", value: ["a", "b"] }, "b a", true],
    [{ type: "contains-all", value: ["a", "b"] }, "B a", false],
    [{ type: "contains-all", value: [1, true] }, "1 is true", true],
    [{ type: "contains-all", value: 'a, "b,c"' }, "a b,c", true],
    [{ type: "contains-any", value: "x,y" }, "only y", true],
    [{ type: "contains-any", value: ["x", "y"] }, "just Y", false],
    [{ type: "icontains-any", value: ["Z", "X"] }, "aX", true],
    [{ type: "icontains-any", value: ["X"] }, "ab", false],
    [{ type: "icontains-all", value: ["X", "B"] }, "ax", false],
    [{ type: "icontains-all", value: ["X", "A"] }, "Ax", true],
    [{ type: "starts-with", value: "Yes" }, "Yes, sir", true],
    [{ type: "starts-with", value: "sir" }, "Yes, sir", false],
    [{ type: "regex", value: "\\d{4}" }, "in 2026", true],
    [{ type: "regex", value: "\\d{4}" }, "in 26", false],
    [{ type: "is-json" }, "[1]", true],
    [{ type: "is-json" }, "not [1]", false],
    [{ type: "is-json", value: schema }, '{"x":1}', true],
    [{ type: "is-json", value: schema }, '{"y":1}', false],
    [{ type: "not-is-json", value: schema }, '{"y":1}', true],
    [{ type: "contains-json", value: schema }, 'Here: {"x": "}"} as asked', true],
    [{ type: "contains-json", value: schema }, 'Here: {"y": 1} as asked', false],
    [{ type: "contains-json", value: schema }, 'first {"y": 1}, then {"x": 1}', true],
    [{ type: "contains-json" }, "a list: [1]", true],
    [{ type: "contains-json" }, "{no}", false],
    [{ type: "is-sql" }, "SELECT a FROM t WHERE (b = 1)", true],
    [{ type: "is-sql" }, "I would select a table", false],
    [{ type: "is-sql" }, "```sql\nselect 1\n```", true],
    [{ type: "is-sql" }, "", false],
    [{ type: "is-sql" }, "select", false],
    [{ type: "is-sql" }, "select a from", false],
    [{ type: "is-sql" }, "explain select a from", true],
    [{ type: "is-sql" }, "select f(a) from t where b in (1, (2))", true],
    [{ type: "is-sql" }, "select (a", false],
    [{ type: "is-sql" }, "select a)", false],
    [{ type: "is-sql" }, "select )a(", false],
    [{ type: "is-sql" }, "select '(' from t", true],
    [{ type: "is-sql" }, "select ')' from t", true],
    [{ type: "is-sql" }, "select 'a", false],
    [{ type: "is-sql" }, "'select' a from t", false],
    ...["with", "insert", "update", "delete", "create", "alter", "drop"].map(
      (verb): [Record<string, unknown>, string, boolean] => [{ type: "is-sql" }, `${verb} x`, true],
    ),
    [{ type: "levenshtein", value: "kitten" }, "sitting", true],
    [{ type: "levenshtein", value: "kitten", threshold: 3 }, "sitting", true],
    [{ type: "levenshtein", value: "kitten", threshold: 2 }, "sitting", false],
    // without a threshold, five changes are allowed; a threshold of 0 counts as none, as in promptfoo
    [{ type: "levenshtein", value: "a" }, "a12345", true],
    [{ type: "levenshtein", value: "a" }, "a123456", false],
    [{ type: "levenshtein", value: "a", threshold: 0 }, "a12345", true],
    [{ type: "rouge-n", value: "the cat sat on the mat" }, "the cat sat on a mat", true],
    [{ type: "rouge-n", value: "the cat sat" }, "a dog ran", false],
    [{ type: "rouge-n", value: "a b c d" }, "a b c e", true], // 3 of 4 words
    [{ type: "rouge-n", value: "a b c d e f" }, "a b c d x y", false], // 4 of 6 words
    [{ type: "rouge-n", value: "a b c d e f", threshold: 0.6 }, "a b c d x y", true],
    [{ type: "not-rouge-n", value: "a b" }, "a b", false],
    [{ type: "not-rouge-n", value: "a b" }, "c d", true],
    [{ type: "not-levenshtein", value: "kitten" }, "sitting", false],
    [{ type: "not-contains", value: "a" }, "b", true],
  ])("%j of %s", (assertion, text, passes) => {
    expect(judged([assertion], text).pass).toBe(passes);
  });

  test("a pattern that never ends is unknown, negated or not", () => {
    const text = `${"a".repeat(40)}!`;
    expect(judged([{ type: "regex", value: "^(a+)+$" }], text).pass).toBeNull();
    expect(judged([{ type: "not-regex", value: "^(a+)+$" }], text).pass).toBeNull();
  });

  test.each(["cost", "latency"] as const)("%s is compared where it was measured, up to its limit", (type) => {
    const of = (value: number) => (type === "cost" ? { costUsd: value } : { latencyMilliseconds: value });
    const limit = (given: object = {}) => [{ type, threshold: 0.5, ...given }];
    expect(judged(limit(), "", of(0.5)).outcomes).toEqual([{ pass: true, score: 1 }]);
    expect(judged(limit(), "", of(0.51)).outcomes).toEqual([{ pass: false, score: 0 }]);
    expect(judged(limit({ type: `not-${type}` }), "", of(0.5)).pass).toBe(false);
    expect(judged(limit(), "", type === "cost" ? { latencyMilliseconds: 1 } : { costUsd: 1 })).toMatchObject({
      pass: null,
      outcomes: [{ pass: null, score: null }],
    });
  });

  test("a measurement without a limit passes, and makes the answer neither better nor worse", () => {
    const measured = { type: "cost", metric: "dollars" };
    const both = [measured, { type: "contains", value: "a" }];
    expect(judged(both, "a", { costUsd: 9 })).toEqual({
      pass: true,
      score: 1,
      outcomes: [
        { pass: true, score: null },
        { pass: true, score: 1 },
      ],
    });
    expect(judged(both, "a")).toMatchObject({ pass: null, score: 1 });
    expect(judged([measured], "a", { costUsd: 9 })).toMatchObject({ pass: true, score: 0 });
  });

  describe("grades of models are taken as given", () => {
    const assertion = (type: "similar" | "llm-rubric", known: Partial<Assertion> = {}): Assertion => ({
      type,
      isNegated: false,
      value: "hello",
      threshold: null,
      weight: 1,
      metric: null,
      ...known,
    });
    const graded = (one: Assertion, grade: { score: number; pass?: boolean } | null) =>
      evaluateAssertion(one, answerOf("hi", { grade: (asked) => (asked === one ? grade : null) }));
    const negated = { isNegated: true };

    test.each<[string, Assertion, { score: number; pass?: boolean }, boolean, number]>([
      ["alike from three quarters on", assertion("similar"), { score: 0.75 }, true, 0.75],
      ["not alike below", assertion("similar"), { score: 0.74 }, false, 0.74],
      ["its own threshold", assertion("similar", { threshold: 0.5 }), { score: 0.5 }, true, 0.5],
      ["turned round", assertion("similar", negated), { score: 0.75 }, false, 0.25],
      ["turned round and below", assertion("similar", negated), { score: 0.25 }, true, 0.75],
      ["a rubric is what its judge said", assertion("llm-rubric"), { score: 0.1, pass: true }, true, 0.1],
      ["also if that is no", assertion("llm-rubric"), { score: 0.9, pass: false }, false, 0.9],
      [
        "a rubric with a threshold takes both",
        assertion("llm-rubric", { threshold: 0.5 }),
        { score: 0.4, pass: true },
        false,
        0.4,
      ],
      [
        "a yes at the threshold",
        assertion("llm-rubric", { threshold: 0.5 }),
        { score: 0.5, pass: true },
        true,
        0.5,
      ],
      [
        "a no above the threshold",
        assertion("llm-rubric", { threshold: 0.5 }),
        { score: 0.9, pass: false },
        false,
        0.9,
      ],
      ["a score alone and a threshold", assertion("llm-rubric", { threshold: 0 }), { score: 0 }, true, 0],
      ["a score alone: any is a yes", assertion("llm-rubric"), { score: 0.1 }, true, 0.1],
      ["a score of nothing is a no", assertion("llm-rubric"), { score: 0 }, false, 0],
      ["a rubric turned round", assertion("llm-rubric", negated), { score: 0.25, pass: true }, false, 0.75],
    ])("%s", (_, one, grade, pass, score) => {
      expect(graded(one, grade)).toEqual({ pass, score });
    });

    test("nobody gave one", () => {
      expect(graded(assertion("similar"), null)).toEqual({ pass: null, score: null });
    });
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

  test("its own threshold is met when it is reached; below 1 it may fail though nothing failed by itself", () => {
    const read = (threshold: number) => ({
      vars: {},
      threshold,
      assertions: [
        { type: "similar", isNegated: false, value: "x", threshold: 0.1, weight: 1, metric: null } as const,
      ],
    });
    const answer = answerOf("", { grade: () => ({ score: 0.5 }) });
    expect(assertAnswer(read(0.5), answer)).toMatchObject({ pass: true, score: 0.5 });
    expect(assertAnswer(read(0.51), answer)).toMatchObject({ pass: false, score: 0.5 });
    expect(assertAnswer(read(0.1), answerOf("")).pass).toBeNull();
  });

  test("one that failed settles it, whatever could not be judged; else it is open", () => {
    const [open, yes, no] = [
      { type: "similar", value: "x" },
      { type: "contains", value: "a" },
      { type: "contains", value: "z" },
    ];
    expect(judged([open, no], "a")).toMatchObject({ pass: false, score: 0 });
    expect(judged([open, yes], "a")).toMatchObject({ pass: null, score: 1 });
    expect(judged([{ ...open, weight: 0 }, yes], "a")).toMatchObject({ pass: true, score: 1 });
    expect(judged([{ ...no, weight: 0 }], "a")).toMatchObject({ pass: true, score: 0 });
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

test("JSON in a text: whole objects and lists, outermost ones, from left to right", () => {
  expect(jsonInside('x {"a": [1]} y [2] {')).toEqual([{ a: [1] }, [2]]);
  expect(jsonInside('{no} [1] {"b": "}]\\"{"} ["[" , {}]')).toEqual([[1], { b: '}]"{' }, ["[", {}]]);
  expect(jsonInside("a ] } {{[1]")).toEqual([[1]]);
  expect(jsonInside("")).toEqual([]);
});

test("a hundred places are tried, so that a text of brackets costs no more than that", () => {
  expect(jsonInside(`${"{".repeat(99)} [1]`)).toEqual([[1]]);
  expect(jsonInside(`${"{".repeat(100)} [1]`)).toEqual([]);
});
