/** @file Tests ordinary and malicious filter expressions. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FilterExpression, readExpression } from "./expression.ts";

class Unreadable extends Error {}
const read = (text: string): FilterExpression | null =>
  readExpression(text, (why) => new Unreadable(`unreadable: ${why}`));

/** The expression fully bracketed. */
function shown(expression: FilterExpression | null): string {
  if (expression === null) return "";
  if ("not" in expression) return `not${shown(expression.not)}`;
  if ("all" in expression) return `(${expression.all.map(shown).join(" and ")})`;
  if ("any" in expression) return `(${expression.any.map(shown).join(" or ")})`;
  const { entity, key, comparison, values } = expression.clause;
  return `[${entity === null ? "" : `${entity}.`}${key} ${comparison}${values.map((value) => ` ${value}`).join("")}]`;
}

describe("what is read", () => {
  test.each([
    ["", ""],
    ["  ", ""],
    ["a = 1", "[a = 1]"],
    ["a = 1 and b = 2", "([a = 1] and [b = 2])"],
    ["a = 1 OR b = 2", "([a = 1] or [b = 2])"],
    ["a = 1 or b = 2 and c = 3", "([a = 1] or ([b = 2] and [c = 3]))"],
    ["(a = 1 or b = 2) and c = 3", "(([a = 1] or [b = 2]) and [c = 3])"],
    ["NOT a = 1 and b = 2", "(not[a = 1] and [b = 2])"],
    ["NOT (a = 1 and b = 2)", "not([a = 1] and [b = 2])"],
    ["not not a = 1", "notnot[a = 1]"],
    ["((a = 1))", "[a = 1]"],
    ["params.`or` IN ('x', 'and') or tags.\"not\" IS NULL", "([params.or IN x and] or [tags.not IS NULL])"],
    ["a NOT IN (1, 2) and not b IS NOT NULL", "([a NOT IN 1 2] and not[b IS NOT NULL])"],
    ["metrics.`😀 loss` < .5", "[metrics.😀 loss < 0.5]"],
  ])("%s", (text, expected) => expect(shown(read(text))).toBe(expected));
});

describe("what is refused", () => {
  test.each([
    ["a = 1 b = 2", "AND or OR was expected at letter 7"],
    ["(a = 1", "AND, OR or a closing bracket was expected at the end"],
    ["a = 1)", "AND or OR was expected at letter 6"],
    ["()", "a name was expected at letter 2"],
    ["a = 1 or", "a name was expected at the end"],
    ["not", "a name was expected at the end"],
    ["or a = 1", "a comparison was expected at letter 4"],
    ["a = 1 xor b = 2", "AND or OR was expected at letter 7"],
    ["a = 'b'; DROP TABLE runs", "AND or OR was expected at letter 8"],
    ["a = 'x\0'", "it holds a NUL letter"],
  ])("%s", (text, why) => {
    expect(() => read(text)).toThrow(`unreadable: ${why}`);
    expect(() => read(text)).toThrow(Unreadable);
  });

  test("too much of anything", () => {
    const many = (count: number, item: string, by: string): string => Array(count).fill(item).join(by);
    expect(read(many(100, "a = 1", " or "))).toHaveProperty("any.length", 100);
    expect(() => read(many(101, "a = 1", " or "))).toThrow("more than 100 comparisons");
    expect(() => read(many(101, "a = 1", " and not "))).toThrow("more than 100 comparisons");
    expect(shown(read(`${"(".repeat(32)}a = 1${")".repeat(32)}`))).toBe("[a = 1]");
    expect(() => read(`${"(".repeat(33)}a = 1${")".repeat(33)}`)).toThrow("more than 32 deep");
    expect(() => read(`${"not ".repeat(33)}a = 1`)).toThrow("more than 32 deep");
    expect(() => read("(".repeat(90_000))).toThrow("more than 32 deep");
    expect(() => read("not ".repeat(24_000))).toThrow("more than 32 deep");
    const half = `a IN (${many(2501, "1", ",")})`;
    expect(() => read(`${half} or ${half}`)).toThrow("more than 5000 values");
    expect(() => read(`a = '${"b".repeat(100_000)}'`)).toThrow("more than 100000 letters");
  });
});

test("whatever comes in, an answer comes out", () => {
  const pieces = fc.constantFrom(
    ...["'", '"', "`", ".", "(", ")", ",", "=", "!", "<", " ", "AND", "OR", "NOT", "IN", "a", "1", "-", "\\"],
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 40 }).map((list) => list.join(" ")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        read(text);
      } catch (error) {
        expect(error).toBeInstanceOf(Unreadable);
      }
    }),
    { numRuns: 2000 },
  );
});

test("brackets that are not needed change nothing", () => {
  const names = fc.constantFrom("a", "b", "c");
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      names.map((name) => `${name} = 1`),
      fc
        .tuple(tie("tree"), fc.constantFrom(" and ", " or "), tie("tree"))
        .map(([a, by, b]) => `(${a})${by}(${b})`),
      tie("tree").map((one) => `not (${one})`),
    ),
  }));
  fc.assert(
    fc.property(tree, (text) => {
      expect(shown(read(`((${text}))`))).toBe(shown(read(text)));
    }),
  );
});
