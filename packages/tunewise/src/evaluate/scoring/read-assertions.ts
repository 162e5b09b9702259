/** @file Reads and writes promptfoo tests: YAML or JSON, a complete configuration or a bare list of assertions. */

import { isJsonObject, patternProblem, schemaProblem } from "@tunewise/datacheck/dataset";
import { type Finding, findingOf } from "../../problem/index.ts";
import { readYaml } from "../../recipe/index.ts";
import { type AssertedTest, type Assertion, type AssertionType, assertionTypes } from "./assertion.ts";

/** The content of a file. */
export interface ReadAssertions {
  readonly tests: readonly AssertedTest[];
  /** The test for rows that no other test applies to: a bare list, or `defaultTest`; `null` if there is none. */
  readonly defaultTest: AssertedTest | null;
  readonly findings: readonly Finding[];
}

/**
 * Reads tests with their assertions; assertions of `defaultTest` come first in every test. Code in a file
 * (`javascript`, `python`, `file://`) is never run: it is reported as a finding, and the rest is read.
 *
 * @param path name of the file, for findings
 * @returns findings `ASSERTION_UNSUPPORTED`, `ASSERTION_INVALID`, and those of reading YAML
 */
export function readAssertions(text: string, path: string): ReadAssertions {
  const reading = readYaml(text, path);
  if (reading.problems.length > 0) return { tests: [], defaultTest: null, findings: reading.problems };
  const reader = new Reader(path);
  const root = reading.value;
  if (Array.isArray(root) && root.every((one) => isJsonObject(one) && "type" in one)) {
    const assertions = reader.list(root, "assertion");
    return { tests: [], defaultTest: { vars: {}, assertions, threshold: null }, findings: reader.findings };
  }
  const whole = isJsonObject(root) ? root : { tests: root };
  const common = isJsonObject(whole["defaultTest"]) ? whole["defaultTest"] : {};
  const threshold = number(common["threshold"]);
  const shared = reader.list(common["assert"] ?? [], "defaultTest");
  const defaultTest =
    shared.length > 0 ? { vars: record(common["vars"]), assertions: shared, threshold } : null;
  const listed = whole["tests"] ?? (defaultTest === null ? null : []);
  if (!Array.isArray(listed)) reader.invalid("tests", "it is not a list");
  const tests = (Array.isArray(listed) ? listed : []).map((one, at): AssertedTest => {
    const test = isJsonObject(one) ? one : {};
    return {
      vars: { ...record(common["vars"]), ...record(test["vars"]) },
      assertions: [...shared, ...reader.list(test["assert"] ?? [], `tests[${at}]`)],
      threshold: number(test["threshold"]) ?? threshold,
    };
  });
  return { tests, defaultTest, findings: reader.findings };
}

/** Writes tests for promptfoo as JSON, which is also valid YAML. */
export function writeAssertions(tests: readonly AssertedTest[]): string {
  const plain = tests.map(({ vars, assertions, threshold }) => ({
    ...(Object.keys(vars).length > 0 ? { vars } : {}),
    assert: assertions.map((one) => ({
      type: `${one.isNegated ? "not-" : ""}${one.type}`,
      ...(one.value === null ? {} : { value: one.value }),
      ...(one.threshold === null ? {} : { threshold: one.threshold }),
      ...(one.weight === 1 ? {} : { weight: one.weight }),
      ...(one.metric === null ? {} : { metric: one.metric }),
    })),
    ...(threshold === null ? {} : { threshold }),
  }));
  return `${JSON.stringify({ tests: plain }, null, 2)}\n`;
}

/** The value that each type requires. */
const needs: Readonly<Record<AssertionType, "text" | "texts" | "any" | "pattern" | "schema" | "none">> = {
  equals: "any",
  contains: "text",
  icontains: "text",
  "starts-with": "text",
  regex: "pattern",
  "contains-all": "texts",
  "contains-any": "texts",
  "icontains-all": "texts",
  "icontains-any": "texts",
  "is-json": "schema",
  "contains-json": "schema",
  "is-sql": "none",
  levenshtein: "text",
  "rouge-n": "text",
  cost: "none",
  latency: "none",
  similar: "texts",
  "llm-rubric": "text",
};

class Reader {
  readonly findings: Finding[] = [];
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  list(value: unknown, place: string): Assertion[] {
    if (!Array.isArray(value)) {
      this.invalid(place, "assert is not a list");
      return [];
    }
    return value.flatMap((one, at) => this.one(one, `${place}.assert[${at}]`));
  }

  invalid(place: string, reason: string): void {
    this.add("ASSERTION_INVALID", { path: this.path, place, reason });
  }

  private one(value: unknown, place: string): Assertion[] {
    const written = isJsonObject(value) && typeof value["type"] === "string" ? value["type"] : null;
    if (!isJsonObject(value) || written === null) {
      this.invalid(place, "it has no type");
      return [];
    }
    const isNegated = written.startsWith("not-");
    const name = isNegated ? written.slice(4) : written;
    const type = assertionTypes.find((one) => one === name);
    const odd = ["transform", "contextTransform"].find((key) => key in value);
    const isFile = typeof value["value"] === "string" && value["value"].startsWith("file://");
    if (!type || odd || isFile) {
      const what = type ? `${written} with ${odd ?? "a file"}` : written;
      this.add("ASSERTION_UNSUPPORTED", { path: this.path, place, type: what });
      return [];
    }
    const given = readValue(type, value["value"]);
    const problem = valueProblem(type, given) ?? limitProblem(type, isNegated, value);
    if (problem) {
      this.invalid(place, problem);
      return [];
    }
    const metric = typeof value["metric"] === "string" ? value["metric"] : null;
    const [threshold, weight] = [number(value["threshold"]), number(value["weight"]) ?? 1];
    return [{ type, isNegated, value: given, threshold, weight, metric }];
  }

  private add(code: "ASSERTION_UNSUPPORTED" | "ASSERTION_INVALID", about: Record<string, string>): void {
    this.findings.push(findingOf(code, "error", about, [{ file: this.path }], 1));
  }
}

/** Lists may be written as comma-separated text, and schemas as text. */
function readValue(type: AssertionType, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (needs[type] === "texts" && type !== "similar" && typeof value === "string") return splitList(value);
  if (needs[type] === "text" && typeof value === "number") return String(value);
  if (needs[type] !== "schema" || typeof value !== "string" || value === "")
    return value === "" ? null : value;
  return readYaml(value, "schema").value ?? null;
}

function valueProblem(type: AssertionType, value: unknown): string | null {
  const kind = needs[type];
  if (kind === "none" || (kind === "schema" && value === null)) return null;
  if (kind === "schema") return schemaProblem(value);
  if (value === null) return `${type} needs a value`;
  if (kind === "any") return null;
  if (kind === "pattern")
    return typeof value === "string" ? patternProblem(value) : "the pattern is not text";
  if (typeof value === "string") return null;
  const isTexts = Array.isArray(value) && value.length > 0 && value.every((one) => typeof one !== "object");
  return kind === "texts" && isTexts
    ? null
    : `${type} needs ${kind === "texts" ? "a list of texts" : "a text"}`;
}

function limitProblem(
  type: AssertionType,
  isNegated: boolean,
  value: Record<string, unknown>,
): string | null {
  if ((number(value["weight"]) ?? 1) < 0) return "its weight is below 0";
  if ((type !== "cost" && type !== "latency") || number(value["threshold"]) !== null) return null;
  return isNegated || typeof value["metric"] !== "string" ? `${type} needs a threshold` : null;
}

/** Splits at commas, except within double quotes; a doubled quote stands for one. */
function splitList(text: string): string[] {
  const parts: string[] = [""];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"' && isQuoted && text[at + 1] === '"') {
      parts[parts.length - 1] += '"';
      at++;
    } else if (character === '"') isQuoted = !isQuoted;
    else if (character === "," && !isQuoted) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function record(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? value : {};
}
