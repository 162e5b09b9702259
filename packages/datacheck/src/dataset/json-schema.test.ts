import { describe, expect, test } from "vitest";
import { fitsSchema, isSameJson, type JsonSchema, schemaProblem, schemaViolation } from "./json-schema.ts";

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

// parsed from text, because an object literal with `then` looks like a promise
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
    ["bounds that are met", { minimum: 1, maximum: 3 }, [1, 3], [0.99, 3.01]],
    ["bounds that are not", { exclusiveMinimum: 1, exclusiveMaximum: 3 }, [1.01, 2.99], [1, 3]],
    [
      "steps, also those that binary fractions miss",
      { multipleOf: 0.1 },
      [0.3, 0.7, 12.1, 0, -0.3],
      [0.35, 0.301],
    ],
    [
      "bounds that are no numbers say nothing",
      { minimum: "1", maximum: null, multipleOf: "2", minLength: "3" },
      [0, 1.5, "a"],
      [],
    ],
    ["lengths", { minLength: 2, maxLength: 3 }, ["ab", "abc", 1], ["a", "abcd"]],
    ["a pattern anywhere in the text", { pattern: "b" }, ["abc"], ["ac"]],
    ["classes of letters", { pattern: "^\\p{Lu}" }, ["Änne"], ["änne"]],
    ["a pattern that is no text says nothing", { pattern: 7 }, ["a"], []],
    ["sizes of lists", { minItems: 1, maxItems: 2 }, [[1], [1, 2], "abc"], [[], [1, 2, 3]]],
    ["items of one kind", { items: { type: "number" } }, [[], [1, 2]], [["a"], [1, "a"]]],
    [
      "no items behind a tuple",
      { prefixItems: [{ type: "string" }], items: false },
      [[], ["a"]],
      [["a", 1], [1]],
    ],
    [
      "items behind a tuple of draft-07",
      { items: [{ type: "string" }], additionalItems: { type: "number" } },
      [["a"], ["a", 1]],
      [["a", "b"]],
    ],
    ["and without a rule for them", { items: [{ type: "string" }] }, [["a", 1, null]], [[1]]],
    [
      "additionalItems say nothing without a tuple",
      { items: { type: "number" }, additionalItems: false },
      [[1, 2]],
      [],
    ],
    ["a tuple that is no list says nothing", { prefixItems: {}, items: { type: "number" } }, [[1]], [["a"]]],
    ["repeated items, where they may", { uniqueItems: false }, [[1, 1]], []],
    ["repeated items, where they may not", { uniqueItems: true }, [[], [1], [1, 2, 3]], [[1, 2, 1]]],
    [
      "how many it contains",
      { contains: { const: 1 }, minContains: 2, maxContains: 3 },
      [
        [1, 1],
        [1, 0, 1, 1],
      ],
      [[1], [1, 1, 1, 1]],
    ],
    ["none is as many as it must", { contains: { const: 1 }, minContains: 0 }, [[], [2]], []],
    ["one is meant where none is said", { contains: { const: 1 } }, [[2, 1]], [[], [2]]],
    [
      "sizes of objects",
      { minProperties: 1, maxProperties: 2 },
      [{ a: 1 }, { a: 1, b: 2 }, [], "a"],
      [{}, { a: 1, b: 2, c: 3 }],
    ],
    ["names that are required", { required: ["a", "b"] }, [{ a: 1, b: null }, "text"], [{ a: 1 }, { b: 1 }]],
    [
      "required that is no list says nothing",
      { required: "a", properties: [], patternProperties: [] },
      [{}, { a: 1 }],
      [],
    ],
    ["names", { propertyNames: { maxLength: 2 } }, [{}, { ab: 1 }], [{ abc: 1 }, { a: 1, abc: 1 }]],
    [
      "a name by its own rule and by its pattern's",
      {
        properties: { ab: { minimum: 1 } },
        patternProperties: { "^a": { maximum: 3 }, b$: { multipleOf: 2 } },
      },
      [{ ab: 2 }, { a: 0 }],
      [{ ab: 0 }, { ab: 4 }, { ab: 3 }],
    ],
    [
      "other names at all",
      { properties: { a: true }, additionalProperties: { type: "string" } },
      [{ a: 1, b: "x" }],
      [{ a: 1, b: 2 }],
    ],
    ["all of them", { allOf: [{ minimum: 1 }, { maximum: 3 }] }, [1, 3], [0, 4]],
    ["one of them, not none", { oneOf: [{ const: 1 }, { const: 2 }] }, [1, 2], [3]],
    ["lists of schemas that are none say nothing", { allOf: false, anyOf: {}, oneOf: "a" }, [1], []],
    [
      "an enum that is no list says nothing, a const that is null does",
      { enum: "a", const: null },
      [null],
      [0, "a"],
    ],
    ["if without then or else", JSON.parse('{"if": {"type": "string"}}') as JsonSchema, [1, "a"], []],
    [
      "then and else without if say nothing",
      JSON.parse('{"then": false, "else": false}') as JsonSchema,
      [1],
      [],
    ],
    ["if with else alone", { if: { type: "string" }, else: { minimum: 1 } }, ["a", 1], [0]],
    [
      "what one name asks for, by name",
      { dependentRequired: { a: ["b", "c"] } },
      [{ a: 1, b: 1, c: 1 }, { b: 1 }],
      [
        { a: 1, b: 1 },
        { a: 1, c: 1 },
      ],
    ],
    ["by schema", { dependentSchemas: { a: { required: ["b"] } } }, [{ a: 1, b: 1 }, {}, "a"], [{ a: 1 }]],
    [
      "either way in draft-07",
      { dependencies: { a: ["b"], c: { required: ["d"] } } },
      [{ a: 1, b: 1 }, { c: 1, d: 1 }, { e: 1 }],
      [{ a: 1 }, { c: 1 }],
    ],
    [
      "dependencies that are no map say nothing",
      { dependentRequired: [], dependencies: "a" },
      [{ a: 1 }],
      [],
    ],
    ["references", tree, [{ value: 1, next: { value: 2 } }], [{ value: 1, next: {} }]],
  ])("%s", (_, schema, good, bad) => {
    for (const one of good) expect(fitsSchema(one, schema), JSON.stringify(one)).toBe(true);
    for (const one of bad) expect(fitsSchema(one, schema), JSON.stringify(one)).toBe(false);
    expect(schemaProblem(schema)).toBeNull();
  });

  test("a reference that goes round in circles ends, and a hostile key is a key", () => {
    expect(fitsSchema(1, { $ref: "#" })).toBe(false);
    expect(
      fitsSchema(JSON.parse('{"__proto__": 1}'), { properties: { __proto__: { type: "string" } } }),
    ).toBe(true);
    expect(fitsSchema({}, { required: ["toString"] })).toBe(false);
  });
});

test.each([
  ["object", { a: 1 }],
  ["array", []],
  ["string", ""],
  ["boolean", false],
  ["null", null],
])("of all kinds of value only one is of type %s", (type, value) => {
  const all = [{}, [], "", false, null, 0, 1.5];
  expect(fitsSchema(value, { type })).toBe(true);
  expect(all.filter((one) => fitsSchema(one, { type }))).toHaveLength(1);
  expect(all.filter((one) => fitsSchema(one, { type: ["number", type] }))).toHaveLength(3);
});

describe("references", () => {
  const schema = (reference: string): JsonSchema => ({
    properties: { a: { $ref: reference } },
    allOf: [true, { maxProperties: 1 }],
    $defs: {
      "x/y": { const: 1 },
      "~z": { const: 1 },
      "~1": { const: 1 },
      "a b": { const: 1 },
      "50%": { const: 1 },
    },
  });

  test.each(["#/$defs/x~1y", "#/$defs/~0z", "#/$defs/~01", "#/$defs/a%20b", "#/$defs/50%", "#/$defs/50%25"])(
    "%s finds its place",
    (reference) => {
      expect(fitsSchema({ a: 1 }, schema(reference))).toBe(true);
      expect(fitsSchema({ a: 2 }, schema(reference))).toBe(false);
    },
  );

  test("into a list, and to the whole", () => {
    expect(fitsSchema({ a: { b: 1 } }, schema("#/allOf/1"))).toBe(true);
    expect(fitsSchema({ a: { b: 1, c: 1 } }, schema("#/allOf/1"))).toBe(false);
    expect(fitsSchema({ a: { b: 1 } }, schema("#"))).toBe(true);
    expect(fitsSchema({ a: { b: 1, c: 1 } }, schema("#"))).toBe(false);
  });

  test.each([
    "#/$defs/none",
    "#/$defs/none/deeper",
    "#/toString",
    "#/__proto__",
    "#/allOf/length",
    "#/$defs/x~1y/const/more",
  ])("%s leads nowhere, and nothing is valid", (reference) => {
    expect(fitsSchema({ a: 1 }, schema(reference))).toBe(false);
    expect(fitsSchema({}, schema(reference))).toBe(true);
  });

  test("what stands beside a reference counts as well", () => {
    const both = { $ref: "#/$defs/number", minimum: 1, $defs: { number: { type: "number" } } };
    expect([1, 0, "a"].map((one) => fitsSchema(one, both))).toEqual([true, false, false]);
  });
});

describe("a schema that cannot be used", () => {
  test.each<[unknown, string]>([
    ...["unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef"].map(
      (keyword): [unknown, string] => [{ [keyword]: false }, `${keyword} is not supported`],
    ),
    [{ $ref: "https://example.com/s.json" }, "only references within the schema are followed"],
    [{ $ref: "#name" }, "only references within the schema are followed"],
    [{ $ref: 7 }, "only references within the schema are followed"],
    [{ type: "thing" }, 'type "thing" is not a JSON type'],
    [{ type: ["string", 7] }, "type 7 is not a JSON type"],
    ["text", "a schema is an object, or true or false"],
    [null, "a schema is an object, or true or false"],
    [[], "a schema is an object, or true or false"],
    [{ properties: { a: [] } }, "a schema is an object, or true or false"],
  ])("%j is refused", (schema, problem) => {
    expect(schemaProblem(schema)).toBe(problem);
  });

  const odd = { type: "thing" };
  test.each([
    ...[
      "items",
      "additionalItems",
      "contains",
      "additionalProperties",
      "propertyNames",
      "not",
      "if",
      "then",
      "else",
    ].map((keyword) => [keyword, odd]),
    ...["allOf", "anyOf", "oneOf", "prefixItems", "items"].map((keyword) => [keyword, [true, odd]]),
    ...["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"].map(
      (keyword) => [keyword, { a: true, b: odd }],
    ),
  ] as [string, unknown][])("wherever it stands: %s %j", (keyword, value) => {
    expect(schemaProblem(Object.fromEntries([[keyword, value]]))).toBe('type "thing" is not a JSON type');
  });

  test("the schema within itself can be used, and lists of names are no schemas", () => {
    expect(schemaProblem({ $ref: "#" })).toBeNull();
    expect(
      schemaProblem({ dependencies: { a: ["b"] }, dependentRequired: { a: ["b"] }, required: ["a"] }),
    ).toBeNull();
  });

  /** An empty schema, nested to the given depth. */
  const nested = (levels: number): JsonSchema => (levels === 0 ? {} : { allOf: [nested(levels - 1)] });

  test("64 schemas inside each other are followed, more are not", () => {
    expect([schemaProblem(nested(64)), schemaProblem(nested(65))]).toEqual([null, "it is nested too deeply"]);
    expect([fitsSchema(1, nested(64)), fitsSchema(1, nested(65))]).toEqual([true, false]);
  });
});

test.each<[unknown, unknown, boolean]>([
  [1, 1, true],
  [1, "1", false],
  [null, null, true],
  [null, {}, false],
  [{}, null, false],
  [[], [], true],
  [[], {}, false],
  [{}, [], false],
  [[1, [2]], [1, [2]], true],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [[1, 2], [1], false],
  [{ a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }, true],
  [{ a: 1 }, { a: 2 }, false],
  [{ a: 1 }, { b: 1 }, false],
  [{ a: 1, b: 2 }, { a: 1, b: 3 }, false],
  [{ a: 1 }, { a: 1, b: 1 }, false],
  [{ a: 1, b: 1 }, { a: 1 }, false],
])("%j and %j are the same JSON: %s", (one, other, same) => {
  expect(isSameJson(one, other)).toBe(same);
});

test("a schema whose references double the work ends soon, and is not applied", () => {
  const levels = Array.from({ length: 40 }, (_, at) => {
    const next = { $ref: `#/$defs/d${at + 1}` };
    return [`d${at}`, { not: { allOf: [{ not: next }, next] } }];
  });
  const schema = { $ref: "#/$defs/d0", $defs: { ...Object.fromEntries(levels), d40: { type: "string" } } };
  expect(schemaProblem({ ...schema })).toBeNull();
  const start = performance.now();
  expect(schemaViolation({ a: 1 }, schema)).toBeNull();
  expect(performance.now() - start).toBeLessThan(5_000);
});
