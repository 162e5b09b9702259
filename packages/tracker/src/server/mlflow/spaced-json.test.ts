/** Tests JSON in Python's format. */
import { expect, test } from "vitest";
import { spacedJson } from "./spaced-json.ts";

test.each([
  [[{ name: "m", version: 1 }], '[{"name": "m", "version": 1}]'],
  [{ a: [1, "b", null, true], c: {} }, '{"a": [1, "b", null, true], "c": {}}'],
  [[], "[]"],
  ["x: y, z", '"x: y, z"'],
  [{ gone: undefined, kept: 1 }, '{"kept": 1}'],
  [undefined, "null"],
])("%j", (value, text) => {
  expect(spacedJson(value)).toBe(text);
});
