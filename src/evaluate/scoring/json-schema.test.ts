import { describe, expect, test } from "vitest";
import { isValid, type JsonSchema, schemaProblem } from "./json-schema.ts";

const person = {
  type: "object",
  required: ["name"],
  properties: { name: { type: "string", minLength: 1 }, age: { type: "integer", minimum: 0 } },
  additionalProperties: false,
};
const tree = {
  $ref: "#/$defs/node",
  $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } }, required: ["value"] } },
};

// read, since an object with `then` written down looks like a promise
const branching = JSON.parse(
  '{"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "number"}}',
) as JsonSchema;

describe("valid and not", () => {
  test.each<[string, JsonSchema, unknown[], unknown[]]>([
    ["all or nothing", true, [1, null], []],
    ["nothing", false, [], [1, null]],
    ["types", { type: ["string", "null"] }, ["a", null], [1, [], {}]],
    ["integers are numbers without a rest", { type: "integer" }, [1, 1.0], [1.5, "1"]],
    [
      "objects",
      person,
      [{ name: "a" }, { name: "b", age: 3 }],
      [{}, { name: "" }, { name: "a", x: 1 }, { name: "a", age: -1 }],
    ],
    ["enum and const", { enum: [1, { a: [1] }] }, [1, { a: [1] }], ["1", { a: [2] }]],
    ["ranges", { minimum: 1, exclusiveMaximum: 3, multipleOf: 0.5 }, [1, 2.5, "no number"], [0, 3, 1.2]],
    ["lengths in characters, not halves of them", { maxLength: 2 }, ["😀😀"], ["abc"]],
    ["patterns", { pattern: "^[0-9]{4}$" }, ["2026", 7], ["26"]],
    [
      "tuples",
      { prefixItems: [{ type: "string" }], items: { type: "number" } },
      [[], ["a", 1]],
      [[1], ["a", "b"]],
    ],
    ["tuples of draft-07", { items: [{ type: "string" }], additionalItems: false }, [["a"]], [["a", 1]]],
    ["contains", { contains: { const: 1 }, maxContains: 2 }, [[1], [1, 1, 2]], [[], [1, 1, 1]]],
    [
      "unique",
      { uniqueItems: true },
      [[1, "1"]],
      [
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      ],
    ],
    ["one of", { oneOf: [{ minimum: 0 }, { maximum: 5 }] }, [-1, 6], [3]],
    [
      "any of, not",
      { anyOf: [{ type: "number" }, { type: "string" }], not: { const: 3 } },
      [1, "a"],
      [3, null],
    ],
    ["if", branching, ["ab", 1], ["a", null]],
    ["dependent", { dependentRequired: { card: ["code"] } }, [{}, { card: 1, code: 2 }], [{ card: 1 }]],
    [
      "patterns of names",
      { patternProperties: { "^n": { type: "number" } }, additionalProperties: { type: "string" } },
      [{ n1: 1, a: "b" }],
      [{ n1: "1" }, { a: 1 }],
    ],
    ["references", tree, [{ value: 1, next: { value: 2 } }], [{ value: 1, next: {} }]],
  ])("%s", (_, schema, good, bad) => {
    for (const one of good) expect(isValid(one, schema), JSON.stringify(one)).toBe(true);
    for (const one of bad) expect(isValid(one, schema), JSON.stringify(one)).toBe(false);
    expect(schemaProblem(schema)).toBeNull();
  });

  test("a reference that goes round in circles ends, and a hostile key is a key", () => {
    expect(isValid(1, { $ref: "#" })).toBe(false);
    expect(isValid(JSON.parse('{"__proto__": 1}'), { properties: { __proto__: { type: "string" } } })).toBe(
      true,
    );
    expect(isValid({}, { required: ["toString"] })).toBe(false);
  });
});

test.each([
  [{ unevaluatedProperties: false }, "unevaluatedProperties is not supported"],
  [
    { properties: { a: { $ref: "https://example.com/s.json" } } },
    "only references within the schema are followed",
  ],
  ["text", "a schema is an object, or true or false"],
])("%j is refused", (schema, problem) => {
  expect(schemaProblem(schema)).toBe(problem);
});
