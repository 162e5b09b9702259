import { expect, test } from "vitest";
import { isOfJsonType, jsonTypes, resolveReference } from "./json-schema.ts";

const root = { $defs: { "a/b~c": 1, "d e": [{ f: 2 }], "%zz": 3 } };

test.each<[string, unknown]>([
  ["#", root],
  ["#/$defs/a~1b~0c", 1],
  ["#/$defs/d%20e/0/f", 2],
  ["#/$defs/%zz", 3],
  ["#/$defs/none/f", undefined],
  ["#/__proto__", undefined],
  ["#/$defs/d%20e/length/x", undefined],
])("%s is followed", (reference, value) => {
  expect(resolveReference(root, reference)).toEqual({ value });
});

test.each(["#a", "", "/$defs", "other.json#/a", "https://example.org/x"])(
  "%j leads out of the document or is an anchor",
  (reference) => {
    expect(resolveReference(root, reference)).toBeNull();
  },
);

test.each<[unknown, string[]]>([
  [{}, ["object"]],
  [[], ["array"]],
  [null, ["null"]],
  ["", ["string"]],
  [1.5, ["number"]],
  [2, ["number", "integer"]],
  [false, ["boolean"]],
])("%j is of its types alone", (value, types) => {
  expect(jsonTypes.filter((type) => isOfJsonType(value, type))).toEqual(types);
});
