import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AssertedTest, type Assertion, assertionTypes } from "./assertion.ts";
import { readAssertions, writeAssertions } from "./read-assertions.ts";

const read = (value: unknown) => readAssertions(JSON.stringify(value), "a.json");
/** The assertion read from a list of one, or the detail of its finding. */
const one = (assertion: unknown): Assertion | string | undefined => {
  const { defaultTest, findings } = read({ defaultTest: { assert: [assertion] } });
  return defaultTest?.assertions[0] ?? findings[0]?.detail;
};
const plain: Omit<Assertion, "type"> = {
  isNegated: false,
  value: null,
  threshold: null,
  weight: 1,
  metric: null,
};

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
  expect(common).toMatchObject({
    tests: [],
    defaultTest: { assertions: [{ type: "is-json" }] },
    findings: [],
  });
});

describe("where tests stand", () => {
  const contains = { type: "contains", value: "a" };
  const asserted = { ...plain, type: "contains", value: "a" };

  test("a bare list of assertions is for every row", () => {
    expect(read([contains])).toEqual({
      tests: [],
      findings: [],
      defaultTest: { vars: {}, assertions: [asserted], threshold: null },
    });
  });

  test("a bare list of tests is a list of tests", () => {
    expect(read([{ vars: { a: 1 }, assert: [contains] }])).toEqual({
      tests: [{ vars: { a: 1 }, assertions: [asserted], threshold: null }],
      defaultTest: null,
      findings: [],
    });
    expect(read([contains, { assert: [contains] }]).tests.map(({ assertions }) => assertions.length)).toEqual(
      [0, 1],
    );
  });

  test("a test takes what it does not say itself from defaultTest, and its own assertions come last", () => {
    const { tests, defaultTest } = read({
      defaultTest: { vars: { tone: "kind", city: "-" }, threshold: 0.5, assert: [contains] },
      tests: [{ vars: { city: "Bonn" }, threshold: 0, assert: [{ type: "is-json" }] }, {}],
    });
    expect(defaultTest).toEqual({
      vars: { tone: "kind", city: "-" },
      assertions: [asserted],
      threshold: 0.5,
    });
    expect(tests).toEqual([
      {
        vars: { tone: "kind", city: "Bonn" },
        assertions: [asserted, { ...plain, type: "is-json" }],
        threshold: 0,
      },
      { vars: { tone: "kind", city: "-" }, assertions: [asserted], threshold: 0.5 },
    ]);
  });

  test("what is no map of variables, no test and no number says nothing", () => {
    const { tests, findings } = read({
      defaultTest: "text",
      tests: [{ vars: [1], threshold: "high" }, "text", null, [1]],
    });
    expect(tests).toEqual(Array.from({ length: 4 }, () => ({ vars: {}, assertions: [], threshold: null })));
    expect(findings).toEqual([]);
    expect(readAssertions("tests: [{ threshold: .inf }]", "a.yaml").tests[0]?.threshold).toBeNull();
  });

  test.each<[string, unknown, string]>([
    ["no tests", {}, "tests is rejected because it is not a list"],
    ["tests that are no list", { tests: { a: 1 } }, "tests is rejected because it is not a list"],
    ["a text alone", "text", "tests is rejected because it is not a list"],
    [
      "assertions of a test that are no list",
      { tests: [{ assert: contains }] },
      "tests[0] is rejected because assert is not a list",
    ],
    [
      "assertions of all tests that are no list",
      { defaultTest: { assert: "a" }, tests: [] },
      "defaultTest is rejected because assert is not a list",
    ],
  ])("%s: said with its place", (_, value, detail) => {
    const { findings } = read(value);
    expect(findings.map((finding) => finding.detail)).toEqual([`a.json: ${detail}.`]);
    expect(findings[0]).toMatchObject({
      code: "ASSERTION_INVALID",
      severity: "error",
      where: [{ file: "a.json" }],
    });
  });

  test("what is no YAML is said, and nothing is read of it", () => {
    const { tests, defaultTest, findings } = readAssertions("tests: [", "a.yaml");
    expect({ tests, defaultTest }).toEqual({ tests: [], defaultTest: null });
    expect(findings.length).toBeGreaterThan(0);
  });

  test("whatever is wrong is said of each place, and the rest is read", () => {
    const { tests, findings } = read({
      tests: [{ assert: [{ type: "x" }, contains, 7] }, { assert: [{ type: "x" }] }],
    });
    expect(tests.map(({ assertions }) => assertions.length)).toEqual([1, 0]);
    expect(findings.map(({ code }) => code)).toEqual([
      "ASSERTION_UNSUPPORTED",
      "ASSERTION_INVALID",
      "ASSERTION_UNSUPPORTED",
    ]);
  });
});

describe("one assertion", () => {
  test.each<[Record<string, unknown>, Assertion]>([
    [
      { type: "equals", value: { a: [1] } },
      { ...plain, type: "equals", value: { a: [1] } },
    ],
    [
      { type: "equals", value: false },
      { ...plain, type: "equals", value: false },
    ],
    [
      { type: "not-contains", value: "a" },
      { ...plain, type: "contains", value: "a", isNegated: true },
    ],
    [
      { type: "contains", value: 2026 },
      { ...plain, type: "contains", value: "2026" },
    ],
    [
      { type: "contains", value: "a, b" },
      { ...plain, type: "contains", value: "a, b" },
    ],
    [
      { type: "contains-all", value: "a, b" },
      { ...plain, type: "contains-all", value: ["a", "b"] },
    ],
    [
      { type: "icontains-any", value: ' a b ,,"c, d","say ""x""" ' },
      { ...plain, type: "icontains-any", value: ["a b", "c, d", 'say "x"'] },
    ],
    [
      { type: "contains-any", value: [1, "b", true] },
      { ...plain, type: "contains-any", value: [1, "b", true] },
    ],
    [
      { type: "similar", value: "a, b" },
      { ...plain, type: "similar", value: "a, b" },
    ],
    [
      { type: "similar", value: ["a", "b"] },
      { ...plain, type: "similar", value: ["a", "b"] },
    ],
    [{ type: "is-json" }, { ...plain, type: "is-json" }],
    [
      { type: "is-json", value: "" },
      { ...plain, type: "is-json" },
    ],
    [
      { type: "is-json", value: "type: object" },
      { ...plain, type: "is-json", value: { type: "object" } },
    ],
    [
      { type: "contains-json", value: { type: "object" } },
      { ...plain, type: "contains-json", value: { type: "object" } },
    ],
    [
      { type: "is-sql", value: ["PostgreSQL"] },
      { ...plain, type: "is-sql", value: ["PostgreSQL"] },
    ],
    [
      { type: "regex", value: "a+" },
      { ...plain, type: "regex", value: "a+" },
    ],
    [
      { type: "cost", threshold: 0.5 },
      { ...plain, type: "cost", threshold: 0.5 },
    ],
    [
      { type: "not-latency", threshold: 0 },
      { ...plain, type: "latency", threshold: 0, isNegated: true },
    ],
    [
      { type: "cost", metric: "dollars" },
      { ...plain, type: "cost", metric: "dollars" },
    ],
    [
      { type: "is-json", weight: 0, metric: "form" },
      { ...plain, type: "is-json", weight: 0, metric: "form" },
    ],
    [
      { type: "is-json", weight: "2", threshold: "1", metric: 7 },
      { ...plain, type: "is-json" },
    ],
  ])("%j", (written, meant) => {
    expect(one(written)).toEqual(meant);
  });

  const place = "a.json: defaultTest.assert[0]";
  test.each<[unknown, string]>([
    [{ value: "a" }, "rejected because it has no type"],
    [{ type: 7 }, "rejected because it has no type"],
    ["contains", "rejected because it has no type"],
    [null, "rejected because it has no type"],
    [["contains"], "rejected because it has no type"],
    [{ type: "contains" }, "rejected because contains needs a value"],
    [{ type: "contains", value: "" }, "rejected because contains needs a value"],
    [{ type: "equals" }, "rejected because equals needs a value"],
    [{ type: "contains", value: ["a"] }, "rejected because contains needs a text"],
    [{ type: "llm-rubric", value: { a: 1 } }, "rejected because llm-rubric needs a text"],
    [{ type: "contains-any", value: '"", ' }, "rejected because contains-any needs a list of texts"],
    [{ type: "contains-all", value: [] }, "rejected because contains-all needs a list of texts"],
    [{ type: "contains-all", value: ["a", {}] }, "rejected because contains-all needs a list of texts"],
    [{ type: "contains-all", value: 7 }, "rejected because contains-all needs a list of texts"],
    [{ type: "similar", value: { a: 1 } }, "rejected because similar needs a list of texts"],
    [{ type: "regex", value: 7 }, "rejected because the pattern is not text"],
    [{ type: "regex" }, "rejected because regex needs a value"],
    [{ type: "is-json", value: { type: "thing" } }, 'rejected because type "thing" is not a JSON type'],
    [{ type: "is-json", weight: -1 }, "rejected because its weight is below 0"],
    [{ type: "latency" }, "rejected because latency needs a threshold"],
    [{ type: "cost", threshold: "1" }, "rejected because cost needs a threshold"],
    [{ type: "not-cost", metric: "dollars" }, "rejected because cost needs a threshold"],
    [{ type: "javascript", value: "1" }, "of type javascript,"],
    [{ type: "not-python", value: "1" }, "of type not-python,"],
    [{ type: "contains", value: "a", transform: "x" }, "of type contains with transform,"],
    [
      { type: "not-contains", value: "a", contextTransform: "x" },
      "of type not-contains with contextTransform,",
    ],
    [{ type: "contains", value: "file://a.txt" }, "of type contains with a file,"],
  ])("%j: %s", (written, reason) => {
    expect(one(written)).toContain(`${place} is ${reason}`);
  });
});

test("what is written is read as it was, and says no more than it must", () => {
  const text = fc.stringMatching(/^[a-z][a-z ,"]{0,8}[a-z]$/);
  const values: Partial<Record<Assertion["type"], fc.Arbitrary<unknown>>> = {
    "is-json": fc.constantFrom(null, { type: "object" }),
    "contains-json": fc.constant(null),
    "is-sql": fc.constant(null),
    cost: fc.constant(null),
    latency: fc.constant(null),
    regex: fc.constant("a+"),
    ...Object.fromEntries(
      ["contains-all", "contains-any", "icontains-all", "icontains-any"].map((type) => [
        type,
        fc.array(text, { minLength: 1 }),
      ]),
    ),
  };
  const assertion = fc.constantFrom(...assertionTypes).chain((type) =>
    fc.record({
      type: fc.constant(type),
      isNegated: fc.boolean(),
      value: values[type] ?? text,
      threshold:
        type === "cost" || type === "latency"
          ? fc.double({ min: 0, max: 9, noNaN: true })
          : fc.constantFrom(null, 0, 0.5),
      weight: fc.constantFrom(0, 1, 2.5),
      metric: fc.option(text),
    }),
  );
  const asserted: fc.Arbitrary<AssertedTest> = fc.record({
    vars: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.oneof(text, fc.integer()), {
      noNullPrototype: true,
    }),
    assertions: fc.array(assertion, { maxLength: 4 }),
    threshold: fc.constantFrom(null, 0, 0.75),
  });
  fc.assert(
    fc.property(fc.array(asserted, { maxLength: 4 }), (tests) => {
      expect(readAssertions(writeAssertions(tests), "b.json")).toEqual({
        tests,
        defaultTest: null,
        findings: [],
      });
    }),
    { numRuns: 60 },
  );
  const short: Assertion = { ...plain, type: "is-json" };
  expect(JSON.parse(writeAssertions([{ vars: {}, assertions: [short], threshold: null }]))).toEqual({
    tests: [{ assert: [{ type: "is-json" }] }],
  });
});
