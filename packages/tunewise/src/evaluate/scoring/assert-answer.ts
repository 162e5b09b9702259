/**
 * @file Evaluates an answer against the assertions of its test.
 *
 * @source promptfoo site/docs/configuration/expected-outputs/deterministic.md and src/assertions (2026): thresholds
 *   that hold where none is given, weights, what a test's own threshold overrides
 */
import { fitsSchema, isSameJson, type JsonSchema, searchPattern } from "@tunewise/datacheck/dataset";
import { insideFence, readJson } from "../json-match.ts";
import type { AssertedTest, Assertion, AssertionType } from "./assertion.ts";
import { readSql } from "./sql-tokens.ts";
import { levenshtein, rougeN } from "./text-similarity.ts";

/** An answer with its cost, latency and grades. */
export interface AssertedAnswer {
  readonly text: string;
  readonly costUsd: number | null;
  readonly latencyMilliseconds: number | null;
  /** Grades of `similar` and `llm-rubric`, which models assign; `null` if none was requested. */
  readonly grade: (assertion: Assertion) => { readonly score: number; readonly pass?: boolean } | null;
}

/** Result of one assertion. `pass` is `null` if it could not be evaluated. */
export interface AssertionOutcome {
  readonly pass: boolean | null;
  /** 0 to 1, higher is better; `null` if it could not be evaluated, or is a measurement without a limit. */
  readonly score: number | null;
}

/** Result of a test. */
export interface TestOutcome {
  /** `null` if an assertion could not be evaluated and the others do not determine the result. */
  readonly pass: boolean | null;
  /** Weighted mean of the available scores. */
  readonly score: number;
  readonly outcomes: readonly AssertionOutcome[];
}

/** Evaluates an answer against its test. */
export function assertAnswer(test: AssertedTest, answer: AssertedAnswer): TestOutcome {
  const outcomes = test.assertions.map((assertion) => evaluateAssertion(assertion, answer));
  if (outcomes.length === 0) return { pass: true, score: 1, outcomes };
  const weighted = outcomes.map((one, at) => ({ ...one, weight: (test.assertions[at] as Assertion).weight }));
  let [sum, weights] = [0, 0];
  for (const { score, weight } of weighted) {
    if (score === null) continue; // an assertion that was not evaluated, or has no limit, does not affect the score
    sum += score * weight;
    weights += weight;
  }
  const score = weights > 0 ? sum / weights : 0;
  const counted = weighted.filter(({ weight }) => weight > 0);
  const isOpen = counted.some(({ pass }) => pass === null);
  if (test.threshold !== null) return { pass: isOpen ? null : score >= test.threshold, score, outcomes };
  const hasFailed = counted.some(({ pass }) => pass === false);
  return { pass: hasFailed ? false : isOpen ? null : true, score, outcomes };
}

/** Evaluates one assertion. */
export function evaluateAssertion(assertion: Assertion, answer: AssertedAnswer): AssertionOutcome {
  const { type, isNegated, threshold } = assertion;
  if (type === "cost" || type === "latency") {
    const measured = type === "cost" ? answer.costUsd : answer.latencyMilliseconds;
    if (measured === null) return notEvaluated;
    return threshold === null ? { pass: true, score: null } : yesNo(measured <= threshold, isNegated);
  }
  if (type === "similar" || type === "llm-rubric") return graded(assertion, answer.grade(assertion));
  if (type === "rouge-n") {
    return graded(assertion, { score: rougeN(answer.text, String(assertion.value)) });
  }
  const holds = tests[type](answer.text, assertion.value, threshold);
  return holds === null ? notEvaluated : yesNo(holds, isNegated);
}

const notEvaluated: AssertionOutcome = { pass: null, score: null };
/** Thresholds if none is given. */
const defaultThresholds = { "rouge-n": 0.75, similar: 0.75 } as const;
const defaultDistance = 5;

/**
 * Compares a score with its threshold and inverts the result for `not-`. Without a threshold, a rubric uses its
 * grader's verdict.
 */
function graded(
  { type, isNegated, threshold }: Assertion,
  grade: { readonly score: number; readonly pass?: boolean } | null,
): AssertionOutcome {
  if (grade === null) return notEvaluated;
  const { score } = grade;
  const limit =
    threshold ?? (type === "llm-rubric" ? null : defaultThresholds[type as keyof typeof defaultThresholds]);
  const passed = grade.pass ?? (limit === null ? score > 0 : true);
  const passes = passed && (limit === null || score >= limit);
  return { pass: passes !== isNegated, score: isNegated ? 1 - score : score };
}

function yesNo(holds: boolean, isNegated: boolean): AssertionOutcome {
  const pass = holds !== isNegated;
  return { pass, score: pass ? 1 : 0 };
}

type Evaluated = Exclude<AssertionType, "cost" | "latency" | "similar" | "llm-rubric" | "rouge-n">;
type Test = (text: string, value: unknown, threshold: number | null) => boolean | null;

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);

const tests: Readonly<Record<Evaluated, Test>> = {
  equals: (text, value) => {
    if (typeof value !== "object") return text === String(value);
    const json = readJson(text);
    return json !== null && isSameJson(json.value, value);
  },
  contains: (text, value) => text.includes(String(value)),
  icontains: (text, value) => text.toLowerCase().includes(String(value).toLowerCase()),
  "contains-all": (text, value) => texts(value).every((one) => text.includes(one)),
  "contains-any": (text, value) => texts(value).some((one) => text.includes(one)),
  "icontains-all": (text, value) =>
    texts(value).every((one) => text.toLowerCase().includes(one.toLowerCase())),
  "icontains-any": (text, value) =>
    texts(value).some((one) => text.toLowerCase().includes(one.toLowerCase())),
  "starts-with": (text, value) => text.startsWith(String(value)),
  regex: (text, value) => searchPattern(String(value), text),
  "is-json": (text, value) => {
    const json = readJson(text);
    return json !== null && (value === null || fitsSchema(json.value, value as JsonSchema));
  },
  "contains-json": (text, value) =>
    jsonInside(text).some((one) => value === null || fitsSchema(one, value as JsonSchema)),
  "is-sql": (text) => looksLikeSql(text),
  levenshtein: (text, value, threshold) => levenshtein(text, String(value)) <= (threshold || defaultDistance),
};

/** Maximum number of values searched in one answer; each costs a scan to its closing bracket. */
const maxValues = 100;

/** Outermost JSON objects and arrays in a text, from left to right. */
export function jsonInside(text: string): unknown[] {
  const found: unknown[] = [];
  let tries = 0;
  for (let at = 0; at < text.length && tries < maxValues; at++) {
    if (text[at] !== "{" && text[at] !== "[") continue;
    tries++;
    const end = closingOf(text, at);
    const json = end < 0 ? null : readJson(text.slice(at, end + 1));
    if (json === null) continue;
    found.push(json.value);
    at = end;
  }
  return found;
}

function closingOf(text: string, from: number): number {
  let depth = 0;
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (isQuoted) {
      if (character === "\\") at++;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && --depth === 0) return at;
  }
  return -1;
}

const verbs = new Set(["select", "with", "insert", "update", "delete", "create", "alter", "drop", "explain"]);

/** Heuristic for SQL without a grammar: starts with a verb, quotes and brackets are balanced, more than one word. */
function looksLikeSql(text: string): boolean {
  const tokens = readSql(insideFence(text) ?? text) ?? [];
  const [first] = tokens;
  if (first?.kind !== "word" || !verbs.has(first.text) || tokens.length < 2) return false;
  let depth = 0;
  for (const { kind, text: mark } of tokens) {
    if (kind === "mark" && mark === "(") depth++;
    if (kind === "mark" && mark === ")" && --depth < 0) return false;
  }
  return depth === 0 && (first.text !== "select" || tokens.at(-1)?.text !== "from");
}
