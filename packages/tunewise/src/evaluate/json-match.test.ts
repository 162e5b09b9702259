import fc from "fast-check";
import { expect, test } from "vitest";
import { insideFence, isCompleteMatch, matchFields, readJson } from "./json-match.ts";

test.each([
  ['{"a": 1}', true],
  ["  [1, 2]\n", true],
  ["null", true],
  ['"text"', true],
  ["{'a': 1}", false],
  ['{"a": 1', false],
  ['Sure! {"a": 1}', false],
  ['```json\n{"a": 1}\n```', false],
  ["", false],
])("%j is JSON: %s", (text, isJson) => {
  expect(readJson(text) !== null).toBe(isJson);
});

/** Nested empty lists of the given depth. */
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

// the limits are 64 levels and a million characters; only brackets open at once, outside strings, count as levels
const sizes: Readonly<Record<string, readonly [text: string, isJson: boolean]>> = {
  "64 levels": [nested(64), true],
  "65 levels": [nested(65), false],
  "65 levels of objects": [`${'{"a":'.repeat(65)}1${"}".repeat(65)}`, false],
  "65 levels of both": [`{"a": ${nested(64)}}`, false],
  "many lists side by side": [`[${"[],".repeat(100)}[]]`, true],
  "many objects side by side": [`[${"{},".repeat(100)}[{"a": {}}]]`, true],
  "brackets in a text": [`"${"[".repeat(500)}\\"${"{".repeat(500)}"`, true],
  "closing brackets in a text": [`["${"]".repeat(64)}", ${nested(64)}]`, false],
  "65 levels after a quote in a text": [`["\\"", ${nested(64)}]`, false],
  "65 levels after a backslash in a text": [`["\\\\", ${nested(64)}]`, false],
  "a million characters": [`"${"x".repeat(999_998)}"`, true],
  "a million characters and one": [`"${"x".repeat(999_999)}"`, false],
  "brackets that nobody closes": ["[".repeat(900_000), false],
};

test.each(Object.keys(sizes))("size: %s", (name) => {
  const [text, isJson] = sizes[name] ?? ["", true];
  expect(readJson(text) !== null).toBe(isJson);
});

test.each([
  ['```json\n{"a": 1}\n```', '{"a": 1}'],
  ["```\n[]\n```\n", "[]"],
  ['{"a": 1}', null],
  ["text\n```\n[]\n```", null],
  ["```json", null],
  ["```\n```", null],
  ["```\n\n```", ""],
  ["  ```\n1\n2\n  ```  ", "1\n2"],
  ["```\n[]\ntext", null],
  ["```\n[]\n```js", null],
])("inside the fence of %j", (text, inside) => {
  expect(insideFence(text)).toBe(inside);
});

test.each([
  { answer: { a: 1, b: "x" }, reference: { b: "x", a: 1 }, right: 2, answered: 2, expected: 2 },
  { answer: { a: 1 }, reference: { a: 1, b: "x" }, right: 1, answered: 1, expected: 2 },
  { answer: { a: 1, c: 3 }, reference: { a: 1, b: 3 }, right: 1, answered: 2, expected: 2 },
  { answer: { a: "1" }, reference: { a: 1 }, right: 0, answered: 1, expected: 1 },
  { answer: { a: 1.0 }, reference: { a: 1 }, right: 1, answered: 1, expected: 1 },
  { answer: { a: null }, reference: { a: "null" }, right: 0, answered: 1, expected: 1 },
  { answer: { a: [1, 2] }, reference: { a: [2, 1] }, right: 0, answered: 2, expected: 2 },
  { answer: { a: [1, 2, 3] }, reference: { a: [1, 2] }, right: 2, answered: 3, expected: 2 },
  { answer: { a: {} }, reference: { a: [] }, right: 0, answered: 1, expected: 1 },
  { answer: { a: { b: 1 } }, reference: { "a/b": 1 }, right: 0, answered: 1, expected: 1 },
  { answer: { "a~1b": 1 }, reference: { "a/b": 1 }, right: 0, answered: 1, expected: 1 },
  { answer: 5, reference: 5, right: 1, answered: 1, expected: 1 },
  { answer: [], reference: { a: 1 }, right: 0, answered: 1, expected: 1 },
])("$answer against $reference", ({ answer, reference, ...match }) => {
  expect(matchFields(answer, reference)).toEqual(match);
});

test("a whole match has every field right, none missing, none extra", () => {
  expect(isCompleteMatch({ right: 2, answered: 2, expected: 2 })).toBe(true);
  expect(isCompleteMatch({ right: 2, answered: 2, expected: 3 })).toBe(false);
  expect(isCompleteMatch({ right: 2, answered: 3, expected: 2 })).toBe(false);
  expect(isCompleteMatch({ right: 1, answered: 2, expected: 2 })).toBe(false);
});

test("names of Object.prototype are ordinary keys", () => {
  const [answer, reference] = ['{"__proto__": {"x": 1}}', '{"__proto__": {"x": 1}, "constructor": 2}'].map(
    readJson,
  );
  expect(matchFields(answer?.value, reference?.value)).toEqual({ right: 1, answered: 1, expected: 2 });
  expect(({} as { x?: number }).x).toBeUndefined();
});

test("a value equals itself with its keys in another order, and no other value", () => {
  const turn = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(turn);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, child]) => [key, turn(child)]),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 2 }), (value, other) => {
      const same = JSON.parse(JSON.stringify(value)) as unknown;
      expect(isCompleteMatch(matchFields(turn(same), same))).toBe(true);
      expect(isCompleteMatch(matchFields([same], same))).toBe(false);
      const match = matchFields(other, same);
      expect(match.right).toBeLessThanOrEqual(Math.min(match.answered, match.expected));
    }),
    { seed: 7 },
  );
});
