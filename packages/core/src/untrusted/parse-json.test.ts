import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_JSON_DEPTH, MAX_JSON_PARTS, parseJson } from "./parse-json.ts";

const filler = `"${"x".repeat(100_000)}"`;

test("what is deep, or of many parts, is refused before it is parsed", () => {
  const deep = (levels: number): string => `[${filler}, ${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}]`;
  expect(() => parseJson(deep(MAX_JSON_DEPTH + 1))).toThrow(`deeper than ${MAX_JSON_DEPTH}`);
  expect(parseJson(deep(MAX_JSON_DEPTH))).toHaveLength(2);
  // JSON.parse accepts a short text of any depth, but code that walks the result overflows the stack
  const short = 20_000;
  expect(() => parseJson("[".repeat(short) + "]".repeat(short))).toThrow(`deeper than ${MAX_JSON_DEPTH}`);
  expect(() => parseJson(`[${"[],".repeat(MAX_JSON_PARTS)}[]]`)).toThrow("lists and objects");
});

test("brackets in texts are none, behind whatever escapes", () => {
  const tricky = ["[".repeat(2000), '\\"[', '"'.repeat(9), "\\", "\\\\", `${"[".repeat(2000)}\\`];
  const value = [filler, ...tricky, Object.fromEntries(tricky.map((key) => [key, key]))];
  expect(parseJson(JSON.stringify(value))).toEqual(value);
});

test("it gives what JSON.parse gives, and throws where that throws", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(`[${filler},${text}]`)).toEqual(JSON.parse(`[${filler},${text}]`));
    }),
    { numRuns: 50, seed: 3 },
  );
  expect(() => parseJson(`[${filler}`)).toThrow(SyntaxError);
  expect(() => parseJson(`["${"x".repeat(200_000)}`)).toThrow(SyntaxError);
});
