import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TunewiseError } from "../problem/index.ts";
import { jsonExpression } from "./json-schema.ts";

/** Whether a schema allows a text. */
function matches(schema: unknown, text: string): boolean {
  const { pool, root } = jsonExpression(schema);
  let state = root;
  for (const byte of Buffer.from(text, "utf8")) state = pool.derivative(state, byte);
  return state.isNullable;
}

const person = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 4 },
    age: { type: "integer" },
    tags: { type: "array", items: { enum: ["a", "b"] }, maxItems: 2 },
  },
  required: ["name"],
  additionalProperties: false,
};

describe("allowed texts", () => {
  test.each<[string, unknown, string[], string[]]>([
    [
      "strings by length in characters",
      { type: "string", minLength: 1, maxLength: 2 },
      ['"é"', '"\\n\\u00e9"', '"😀x"'],
      ['""', '"abc"', '"a', '"\n"', '"\\ud800"'],
    ],
    ["strings of any length", { type: "string" }, ['""', '"zwölf Boxkämpfer jagen"'], ["x", '"a"b"']],
    ["whole numbers", { type: "integer" }, ["0", "-7", "120"], ["01", "1.0", "-", "+1", "1e3"]],
    ["numbers", { type: "number" }, ["0.5", "-3", "1e10", "2.5E-3"], [".5", "1.", "1e", "NaN"]],
    ["null and booleans", { type: ["null", "boolean"] }, ["null", "true", "false"], ["nul", "0"]],
    ["types", { type: ["string", "null"], maxLength: 1 }, ["null", '"a"'], ["nullnull", '"ab"']],
    ["values", { enum: ["a b", 3, null, { k: [1] }] }, ['"a b"', "3", "null", '{"k":[1]}'], ["4", '"a"']],
    ["one value", { const: "é" }, ['"é"'], ['"e"', "é"]],
    ["values of a type", { type: "string", enum: ["a", 1] }, ['"a"'], ["1"]],
    [
      "lists",
      { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 3 },
      ["[1]", "[1, 2,3]"],
      ["[]", "[1,2,3,4]", "[1,]", "[,1]", "[ 1]"],
    ],
    ["an empty list", { type: "array", items: {}, maxItems: 0 }, ["[]"], ["[1]"]],
    [
      "objects, optional properties in any selection and in their order",
      person,
      ['{"name":"Ada"}', '{"name": "Ada", "age": 36}', '{"name":"A","tags":["a","b"]}'],
      [
        "{}",
        '{"age":1}',
        '{"age":1,"name":"A"}',
        '{"name":"Ada","x":1}',
        '{"name":"Ada",}',
        '{"name":"Augusta"}',
      ],
    ],
    [
      "an optional first property",
      { properties: { a: { type: "null" }, b: { type: "null" } } },
      ["{}", '{"a":null}', '{"b":null}', '{"a":null,"b":null}'],
      ['{,"b":null}', '{"b":null,"a":null}', '{"a":null"b":null}'],
    ],
    [
      "maps",
      { type: "object", additionalProperties: { type: "integer" } },
      ["{}", '{"x":1, "y":2}'],
      ['{"x":"1"}', "{x:1}"],
    ],
    [
      "references and alternatives",
      {
        $defs: { n: { type: "integer" } },
        anyOf: [{ $ref: "#/$defs/n" }, { type: "array", items: { $ref: "#/$defs/n" } }],
      },
      ["1", "[1,2]"],
      ['"1"', "[[1]]"],
    ],
    ["any object", null, ['{"a":[1,{"b":"c"}], "d":null}', "{}"], ["[]", "1", '{"a":}']],
    ["anything", {}, ["1", "[[],{}]", '"x"', "true"], ["x", ""]],
  ])("%s", (_, schema, good, bad) => {
    for (const text of good) expect(matches(schema, text), text).toBe(true);
    for (const text of bad) expect(matches(schema, text), text).toBe(false);
  });

  test("any string is allowed as JSON.stringify writes it, and found again", () => {
    const strings = fc.string({ unit: "binary", maxLength: 12 });
    fc.assert(
      fc.property(strings, (text) => {
        const max = [...text].length;
        expect(matches({ type: "string", maxLength: max }, JSON.stringify(text))).toBe(true);
        if (max > 0)
          expect(matches({ type: "string", maxLength: max - 1 }, JSON.stringify(text))).toBe(false);
      }),
    );
  });
});

test.each<[string, unknown, string]>([
  ["a pattern", { type: "string", pattern: "a+" }, "#/pattern is not a supported keyword"],
  [
    "a range",
    { properties: { n: { type: "integer", minimum: 3 } } },
    "#/properties/n/minimum is not a supported keyword",
  ],
  ["oneOf", { oneOf: [{ type: "null" }] }, "#/oneOf is not a supported keyword"],
  ["itself", { properties: { next: { $ref: "#" } } }, "makes the schema recursive"],
  [
    "two that contain each other",
    {
      $defs: { a: { items: { $ref: "#/$defs/b" } }, b: { items: { $ref: "#/$defs/a" } } },
      $ref: "#/$defs/a",
    },
    "makes the schema recursive",
  ],
  ["a reference to elsewhere", { $ref: "https://example.org/x" }, "refers to another document"],
  ["a reference to nothing", { $ref: "#/$defs/__proto__" }, "refers to a missing schema"],
  ["no schema", 3, "# is not an object"],
  ["false", { properties: { a: false } }, "#/properties/a is not an object"],
  ["an unknown type", { type: "date" }, "#/type is not a JSON type"],
  ["required without a property", { required: ["x"] }, 'names "x", which properties lack'],
  ["an empty range", { type: "string", minLength: 3, maxLength: 2 }, "3 is more than maxLength 2"],
  ["a count beyond all limits", { type: "string", maxLength: 1e9 }, "is not a whole number up to 100000"],
  ["keywords beside an enum", { enum: [1], properties: {} }, "must not be combined with properties"],
  ["nullable of OpenAPI", { type: "string", nullable: true }, "#/nullable is not a supported keyword"],
  ["a type beside alternatives", { type: "string", anyOf: [{}] }, "#/anyOf must not be combined with type"],
  [
    "a type beside a reference",
    { type: "string", $ref: "#/$defs/a", $defs: { a: {} } },
    "must not be combined with type",
  ],
  ["an anchor", { $ref: "#a", $defs: { a: { $anchor: "a" } } }, "refers to another document or an anchor"],
  ["no value left", { type: "string", enum: [1] }, "leaves no value"],
])("%s is refused with its place", (_, schema, text) => {
  expect(() => jsonExpression(schema)).toThrow(
    expect.objectContaining({ code: "SCHEMA_UNSUPPORTED", message: expect.stringContaining(text) }),
  );
});

test("nesting, size and counts beyond the limits are refused and not run into", () => {
  const tower = deep(5000, (own) => ({ type: "array", items: own }));
  const wide = { properties: Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`k${at}`, {}])) };
  const doubling = {
    $defs: Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [
        `d${at}`,
        { properties: { a: { $ref: `#/$defs/d${at + 1}` }, b: { $ref: `#/$defs/d${at + 1}` } } },
      ]),
    ),
    $ref: "#/$defs/d0",
  };
  for (const schema of [tower, wide, { ...doubling, $defs: { ...doubling.$defs, d30: {} } }]) {
    expect(() => jsonExpression(schema)).toThrow(expect.objectContaining({ code: "SCHEMA_UNSUPPORTED" }));
  }
});

/** Why a schema is rejected; `null` if it is accepted. */
function obstacleIn(schema: unknown): string | null {
  try {
    jsonExpression(schema);
    return null;
  } catch (error) {
    if (!TunewiseError.is(error) || error.code !== "SCHEMA_UNSUPPORTED") throw error;
    return error.message;
  }
}

const keysOf = (count: number): string[] => Array.from({ length: count }, (_, at) => `k${at}`);
const objectOf = (count: number, value: unknown): object => ({
  properties: Object.fromEntries(keysOf(count).map((key) => [key, value])),
});
const deep = (levels: number, inside: (schema: object) => object): object =>
  Array.from({ length: levels }).reduce<object>(inside, {});

test("thousands of required properties are followed", () => {
  const keys = keysOf(3000);
  const text = JSON.stringify(Object.fromEntries(keys.map((key, at) => [key, at])));
  expect(matches({ ...objectOf(3000, { type: "integer" }), required: keys }, text)).toBe(true);
});

test.each([200, 2000])("of %i optional properties any may follow, in their order", (count) => {
  const schema = objectOf(count, { type: "null" });
  const last = `k${count - 1}`;
  for (const keys of [[], ["k7"], [last], ["k0", "k150", last], keysOf(count)]) {
    const text = `{${keys.map((key) => `"${key}":null`).join()}}`;
    expect(matches(schema, text), text).toBe(true);
  }
  for (const text of ['{"k7":null,"k7":null}', `{"${last}":null,"k0":null}`, '{"k":null}', '{"k1":null,}']) {
    expect(matches(schema, text), text).toBe(false);
  }
  const half = { ...schema, required: ["k100"] };
  expect(matches(half, '{"k3":null,"k100":null}')).toBe(true);
  expect(matches(half, '{"k3":null}')).toBe(false);
  expect(matches(half, '{"k3":null,"k101":null}')).toBe(false);
});

/** Schemas of up to one megabyte, the most that a client may send; none may block the server noticeably. */
test.each<[string, object, boolean]>([
  ["a long key over many parts", { properties: { ["x".repeat(900_000)]: objectOf(1000, {}) } }, true],
  ["long keys, nested", deep(60, (own) => ({ properties: { ["x".repeat(16_000)]: own, b: {} } })), true],
  ["optional properties", objectOf(4900, {}), true],
  [
    "properties of which every second is required",
    { ...objectOf(4800, { type: "null" }), required: keysOf(4800).filter((_, at) => at % 2 === 0) },
    true,
  ],
  ["many values", { enum: keysOf(9000) }, true],
  ["long values", { enum: Array.from({ length: 900 }, (_, at) => "x".repeat(1000) + at) }, true],
  [
    "nested alternatives",
    deep(60, (own) => ({ anyOf: [own, ...keysOf(15).map((key) => ({ const: key }))] })),
    true,
  ],
  [
    "objects as alternatives",
    { anyOf: keysOf(900).map((key) => ({ properties: { kind: { const: key }, [key]: {} } })) },
    true,
  ],
  ["a long reference", { $ref: `#/${"a/".repeat(490_000)}` }, false],
  [
    "references to one long list",
    {
      $defs: { a: { properties: { k: {} }, required: Array.from({ length: 9000 }, () => "k") } },
      ...objectOf(900, { $ref: "#/$defs/a" }),
    },
    false,
  ],
  [
    "a chain of references",
    {
      $defs: Object.fromEntries(keysOf(900).map((key, at) => [key, { $ref: `#/$defs/k${at + 1}` }])),
      $ref: "#/$defs/k0",
    },
    false,
  ],
  ["too many values", { anyOf: [{ enum: keysOf(6000) }, { enum: keysOf(6000) }] }, false],
])("%s is prepared or refused in bounded time", (_, schema, isSupported) => {
  const start = performance.now();
  const obstacle = obstacleIn(schema);
  // half a second on an otherwise idle machine
  expect(performance.now() - start).toBeLessThan(3000);
  expect(obstacle === null, obstacle ?? "").toBe(isSupported);
});

test("a long text is followed without a copy of what is left at each byte", () => {
  const text = "x".repeat(50_000);
  expect(matches({ const: text }, JSON.stringify(text))).toBe(true);
});

test("alternatives that stay side by side are limited, and those that part are not", () => {
  const strings = Array.from({ length: 500 }, (_, at) => ({ type: "string", maxLength: at + 1 }));
  expect(obstacleIn({ anyOf: strings })).toContain("more than 128 alternatives that begin alike");
  const words = Array.from({ length: 5000 }, (_, at) => `word ${at}`);
  expect(matches({ enum: words }, '"word 4711"')).toBe(true);
});
