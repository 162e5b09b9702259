/**
 * @file Whether an answer is what its test asserts.
 *
 * @source promptfoo site/docs/configuration/expected-outputs/deterministic.md and src/assertions (2026): thresholds
 *   that hold where none is given, weights, what a test's own threshold overrides
 */
import { searchPattern } from "../../dataset/index.ts";
import { insideFence, readJson } from "../json-match.ts";
import type { AssertedTest, Assertion, AssertionType } from "./assertion.ts";
import { isSame, isValid, type JsonSchema } from "./json-schema.ts";
import { levenshtein, rougeN } from "./likeness.ts";
import { readSql } from "./sql-tokens.ts";

/** An answer and what is known about how it came about. */
export interface AssertedAnswer {
  readonly text: string;
  readonly costUsd: number | null;
  readonly latencyMilliseconds: number | null;
  /** Grades of `similar` and `llm-rubric`, which models give; `null` where none was asked. */
  readonly grade: (assertion: Assertion) => { readonly score: number; readonly pass?: boolean } | null;
}

/** How one assertion went. `null` for `pass`: it could not be judged. */
export interface AssertionOutcome {
  readonly pass: boolean | null;
  /** 0 to 1, higher is better; `null` where it could not be judged, or is a measurement without a limit. */
  readonly score: number | null;
}

/** How a test went. */
export interface TestOutcome {
  /** `null`: an assertion could not be judged, and the rest do not settle it. */
  readonly pass: boolean | null;
  /** Weighted mean of the scores there are. */
  readonly score: number;
  readonly outcomes: readonly AssertionOutcome[];
}

/** Judges an answer by its test. */
export function assertAnswer(test: AssertedTest, answer: AssertedAnswer): TestOutcome {
  const outcomes = test.assertions.map((assertion) => judgeAssertion(assertion, answer));
  if (outcomes.length === 0) return { pass: true, score: 1, outcomes };
  const weighted = outcomes.map((one, at) => ({ ...one, weight: (test.assertions[at] as Assertion).weight }));
  let [sum, weights] = [0, 0];
  for (const { score, weight } of weighted) {
    if (score === null) continue; // what was not judged, or has no limit, makes no answer better or worse
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

/** Judges one assertion. */
export function judgeAssertion(assertion: Assertion, answer: AssertedAnswer): AssertionOutcome {
  const { type, isNegated, threshold } = assertion;
  if (type === "cost" || type === "latency") {
    const measured = type === "cost" ? answer.costUsd : answer.latencyMilliseconds;
    if (measured === null) return unknown;
    return threshold === null ? { pass: true, score: null } : yesNo(measured <= threshold, isNegated);
  }
  if (type === "similar" || type === "llm-rubric") return graded(assertion, answer.grade(assertion));
  if (type === "rouge-n") {
    return graded(assertion, { score: rougeN(answer.text, String(assertion.value)) });
  }
  const holds = tests[type](answer.text, assertion.value, threshold);
  return holds === null ? unknown : yesNo(holds, isNegated);
}

const unknown: AssertionOutcome = { pass: null, score: null };
/** Where no threshold is given. */
const usual = { "rouge-n": 0.75, similar: 0.75 } as const;
const usualDistance = 5;

/** Score against threshold, turned round by `not-`; a rubric without a threshold is what its judge said. */
function graded(
  { type, isNegated, threshold }: Assertion,
  grade: { readonly score: number; readonly pass?: boolean } | null,
): AssertionOutcome {
  if (grade === null) return unknown;
  const { score } = grade;
  const limit = threshold ?? (type === "llm-rubric" ? null : usual[type as keyof typeof usual]);
  const said = grade.pass ?? (limit === null ? score > 0 : true);
  const passes = said && (limit === null || score >= limit);
  return { pass: passes !== isNegated, score: isNegated ? 1 - score : score };
}

function yesNo(holds: boolean, isNegated: boolean): AssertionOutcome {
  const pass = holds !== isNegated;
  return { pass, score: pass ? 1 : 0 };
}

type Judged = Exclude<AssertionType, "cost" | "latency" | "similar" | "llm-rubric" | "rouge-n">;
type Test = (text: string, value: unknown, threshold: number | null) => boolean | null;

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);

const tests: Readonly<Record<Judged, Test>> = {
  equals: (text, value) => {
    if (typeof value !== "object") return text === String(value);
    const json = readJson(text);
    return json !== null && isSame(json.value, value);
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
    return json !== null && (value === null || isValid(json.value, value as JsonSchema));
  },
  "contains-json": (text, value) =>
    jsonInside(text).some((one) => value === null || isValid(one, value as JsonSchema)),
  "is-sql": (text) => looksLikeSql(text),
  levenshtein: (text, value, threshold) => levenshtein(text, String(value)) <= (threshold || usualDistance),
};

/** Values looked for in one answer; each costs a walk to its closing bracket. */
const mostValues = 100;

/** JSON objects and lists in a text, outermost ones, from left to right. */
export function jsonInside(text: string): unknown[] {
  const found: unknown[] = [];
  let tries = 0;
  for (let at = 0; at < text.length && tries < mostValues; at++) {
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
    const letter = text[at];
    if (isQuoted) {
      if (letter === "\\") at++;
      else if (letter === '"') isQuoted = false;
    } else if (letter === '"') isQuoted = true;
    else if (letter === "{" || letter === "[") depth++;
    else if ((letter === "}" || letter === "]") && --depth === 0) return at;
  }
  return -1;
}

const verbs = new Set(["select", "with", "insert", "update", "delete", "create", "alter", "drop", "explain"]);

/** Whether it reads as SQL: a verb first, quotes and brackets that close, more than one word. No grammar is at hand. */
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
