/** @file SARIF of common scanners, and SARIF with false claims: CWE numbers, severities, locations. */
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { readSarif, type ScannedFolder } from "./read-sarif.ts";

const folder: ScannedFolder = {
  paths: ["/data/x 1/code", "/real/data/x 1/code"],
  texts: new Map([
    ["a0.py", "import os\n\nos.system(\n  a,\n)\n"],
    ["a1/code.go", "package a\n"],
  ]),
};
const place = (uri: string, region: object = { startLine: 3 }): object => ({
  locations: [{ physicalLocation: { artifactLocation: { uri }, region } }],
});
const log = (run: object): string => JSON.stringify({ version: "2.1.0", runs: [run] });
const driver = (rule: object, more: object = {}): object => ({
  tool: { driver: { name: "t", rules: [{ id: "R1", ...rule }] } },
  ...more,
});
const told = (run: object): unknown[] =>
  readSarif(log(run), folder).results.map(({ cwes, severity, file, line }) => [cwes, severity, file, line]);
const result = { ruleId: "R1", ruleIndex: 0, message: { text: "m" }, ...place("a0.py") };

describe("numbers of weaknesses", () => {
  const cases: [form: string, rule: object, result: object, numbers: number[]][] = [
    ["Semgrep", { properties: { tags: ["CWE-89: Improper Neutralization", "OWASP-A03"] } }, {}, [89]],
    [
      "CodeQL",
      { properties: { tags: ["security", "external/cwe/cwe-089", "external/cwe/cwe-564"] } },
      {},
      [89, 564],
    ],
    ["cwe:89", { properties: { tags: ["cwe:89"] } }, {}, [89]],
    ["Bandit", { properties: { tags: ["external/cwe/cwe-78"] } }, {}, [78]],
    ["Bandit's own", {}, { properties: { issue_cwe: { id: 327, link: "https://cwe.mitre.org/x" } } }, [327]],
    ["a bare number", { properties: { cwe: "22" } }, {}, [22]],
    ["a list", { properties: { cwe: ["CWE-798", "CWE-259"] } }, {}, [798, 259]],
    [
      "gosec",
      { relationships: [{ target: { id: "327", toolComponent: { name: "CWE" } }, kinds: ["superset"] }] },
      {},
      [327],
    ],
    [
      "flawfinder",
      { relationships: [{ target: { id: "CWE-120", toolComponent: { name: "CWE" } } }] },
      {},
      [120],
    ],
    ["taxa", {}, { taxa: [{ id: "611", toolComponent: { name: "CWE" } }] }, [611]],
    ["an address", { helpUri: "https://cwe.mitre.org/data/definitions/502.html" }, {}, [502]],
    ["a sentence", {}, { message: { text: "Overflows (CWE-120)." } }, [120]],
    [
      "another taxonomy",
      { relationships: [{ target: { id: "7", toolComponent: { name: "OWASP" } } }] },
      {},
      [],
    ],
    [
      "other numbers",
      { properties: { priority: 89, tags: ["A1", 78] }, helpUri: "https://x.test/79" },
      {},
      [],
    ],
  ];
  test.each(cases)("%s", (_, rule, more, numbers) => {
    const { results, leftOut } = readSarif(log(driver(rule, { results: [{ ...result, ...more }] })), folder);
    expect(results.map(({ cwes }) => cwes)).toEqual(numbers.length === 0 ? [] : [numbers]);
    expect(leftOut.unnumbered).toBe(numbers.length === 0 ? 1 : 0);
  });

  test("ESLint's rules have none of their own", () => {
    const one = { ruleId: "security/detect-child-process", message: { text: "m" }, ...place("a0.py") };
    expect(told({ tool: { driver: {} }, results: [one] })).toEqual([[[78], "medium", "a0.py", 3]]);
  });

  test("rules of extensions, by index, by id and by the beginning of an id", () => {
    const cwe = (id: string, number: number): object => ({ id, properties: { tags: [`cwe-${number}`] } });
    const tool = {
      driver: { rules: [cwe("R1", 1)] },
      extensions: [{ rules: [cwe("E1", 2), cwe("E2", 3)] }],
    };
    const results = [
      { rule: { index: 1, toolComponent: { index: 0 } } },
      { ruleId: "E1" },
      { ruleId: "R1/sub" },
      { ruleId: "E2", ruleIndex: 0 },
      { ruleIndex: 99 },
    ].map((one) => ({ ...one, message: {}, ...place("a0.py") }));
    expect(readSarif(log({ tool, results }), folder).results.map(({ cwes }) => cwes[0])).toEqual([
      3, 2, 1, 3,
    ]);
  });
});

describe("severities", () => {
  const tagged = { properties: { tags: ["cwe-89"] } };
  const cases: [rule: object, result: object, severity: string | null][] = [
    [{}, { level: "error" }, "high"],
    [{}, { level: "note" }, "low"],
    [{}, {}, "medium"],
    [{ defaultConfiguration: { level: "error" } }, {}, "high"],
    [{ defaultConfiguration: { level: "note" } }, { level: "error" }, "high"],
    [{ properties: { tags: ["cwe-89"], "security-severity": "8.8" } }, { level: "note" }, "high"],
    [{ properties: { tags: ["cwe-89"], "security-severity": "5" } }, { level: "error" }, "medium"],
    [{}, { level: "error", properties: { "security-severity": 3.9 } }, "low"],
    [{}, { level: "error", properties: { issue_confidence: "LOW" } }, "medium"],
    [{ properties: { tags: ["cwe-89"], precision: "low" } }, { level: "warning" }, "low"],
    [{}, { level: "none" }, null],
    [{}, { kind: "pass", level: "error" }, null],
    [{}, { suppressions: [{ kind: "external" }] }, null],
    [{}, { suppressions: [{ kind: "external", status: "rejected" }] }, "medium"],
    [{}, { suppressions: [{ kind: "inSource" }] }, "medium"],
    [{}, { baselineState: "absent" }, null],
  ];
  test.each(cases)("%o %o: %s", (rule, more, severity) => {
    const found = told(driver({ ...tagged, ...rule }, { results: [{ ...result, ...more }] }));
    expect(found).toEqual(severity === null ? [] : [[[89], severity, "a0.py", 3]]);
  });
});

describe("places", () => {
  const rule = { properties: { tags: ["cwe-89"] } };
  const at = (location: object, more: object = {}): unknown[] =>
    told(driver(rule, { results: [{ ...result, ...location }], ...more }));
  const inside: [string, string][] = [
    ["a0.py", "a0.py"],
    ["./a0.py", "a0.py"],
    ["a1/../a0.py", "a0.py"],
    ["a1/code.go", "a1/code.go"],
    [pathToFileURL("/data/x 1/code/a0.py").href, "a0.py"],
    ["file:/data/x%201/code/a0.py", "a0.py"],
    ["/real/data/x 1/code/a0.py", "a0.py"],
  ];
  test.each(inside)("%s", (uri, file) => {
    expect(at(place(uri, { startLine: 1 }))).toEqual([[[89], "medium", file, 1]]);
  });

  const outside = [
    ...["/etc/passwd", "../a0.py", "file:///etc/passwd", "file://host/data/x%201/code/a0.py", "a9.py", ""],
    ...[
      "https://evil.test/a0.py",
      "//evil.test/a0.py",
      "/data/x 1/code/../../secret.py",
      "a0.py%00",
      "%E0%A4%A",
    ],
    ...["file:///data/x%201/code/..%2f..%2fa0.py", "data:,a0.py"],
  ];
  test.each(outside)("outside: %s", (uri) => {
    const { results, leftOut } = readSarif(
      log(driver(rule, { results: [{ ...result, ...place(uri) }] })),
      folder,
    );
    expect([results, leftOut.elsewhere]).toEqual([[], 1]);
  });

  test("an index of artifacts, bases on bases, and a base that lies", () => {
    const by = (location: object): object => ({
      locations: [{ physicalLocation: { artifactLocation: location, region: { startLine: 1 } } }],
    });
    const artifacts = [{ location: { uri: "a0.py" } }];
    expect(at(by({ index: 0 }), { artifacts })).toEqual([[[89], "medium", "a0.py", 1]]);
    const originalUriBaseIds = {
      SRC: { uri: "a1/", uriBaseId: "ROOT" },
      ROOT: { uri: "file:///data/x%201/code/" },
      LOOP: { uri: "", uriBaseId: "LOOP" },
    };
    expect(at(by({ uri: "code.go", uriBaseId: "SRC" }), { originalUriBaseIds })).toEqual([
      [[89], "medium", "a1/code.go", 1],
    ]);
    expect(at(by({ uri: "b.go", uriBaseId: "LOOP" }), { originalUriBaseIds })).toEqual([]);
  });

  test("lines within the file, from offsets, and none", () => {
    const line = (region: object): unknown => at(place("a0.py", region)).map((one) => (one as unknown[])[3]);
    expect(line({ startLine: 99 })).toEqual([6]);
    expect(line({ charOffset: 12, charLength: 3 })).toEqual([3]);
    expect(line({})).toEqual([1]);
    expect(line({ startLine: -4 })).toEqual([1]);
    const [one] = readSarif(
      log(driver(rule, { results: [{ ...result, ...place("a0.py", { startLine: 3, endLine: 5 }) }] })),
      folder,
    ).results;
    expect([one?.line, one?.lastLine]).toEqual([3, 5]);
  });
});

describe("words", () => {
  const message = (given: object, rule: object = {}): string | undefined =>
    readSarif(
      log(
        driver({ properties: { tags: ["cwe-89"] }, ...rule }, { results: [{ ...result, message: given }] }),
      ),
      folder,
    ).results[0]?.message;
  test("links, templates, and those of the rule", () => {
    expect(message({ text: "depends on a [value](1)." })).toBe("depends on a value.");
    const rule = { messageStrings: { default: { text: "{0} and {1} of {7}" } } };
    expect(message({ id: "default", arguments: ["a", "b"] }, rule)).toBe("a and b of {7}");
    expect(message({}, { shortDescription: { text: "Short" } })).toBe("Short");
    expect(message({ text: "x".repeat(9_000) })).toHaveLength(2_000);
  });
});

describe("what is no SARIF", () => {
  const wrong = [
    "",
    "<html>",
    "{}",
    "[]",
    "null",
    '{"version":"2.1.0"}',
    '{"version":"1.0.0","runs":[]}',
    `${"[".repeat(200_000)}`,
    '{"runs":[',
  ];
  test.each(wrong.map((text) => [text.slice(0, 30), text]))("%s", (_, text) => {
    expect(() => readSarif(text, folder)).toThrow(SyntaxError);
  });

  test("wrong types everywhere are as good as missing", () => {
    const odd = [null, 1, "a", [], {}, [null], { uri: 3 }, { id: {} }];
    for (const one of odd) {
      const run = { tool: one, results: [one, { ruleId: one, message: one, locations: one, level: one }] };
      expect(readSarif(log(run), folder).results).toEqual([]);
      const rules = { tool: { driver: { rules: one }, extensions: one }, results: one, artifacts: one };
      expect(readSarif(log(rules), folder).results).toEqual([]);
    }
    expect(readSarif('\uFEFF{"runs":[]}', folder).results).toEqual([]);
  });
});
