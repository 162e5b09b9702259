/** @file Regression prompts: whether an answer meets its conditions, before and after training. */
import { type Expected, findsPattern } from "@tunewise/datacheck/dataset";
import { readJson } from "../json-match.ts";

/** A prompt with the answers of both models. */
export interface RegressionOutcome {
  readonly prompt: string;
  /** The conditions as text. */
  readonly expected: string;
  readonly base: { readonly answer: string; readonly works: boolean };
  readonly tuned: { readonly answer: string; readonly works: boolean };
}

/** Regression prompts by outcome. */
export interface RegressionChange {
  readonly asked: number;
  /** Passed with the base model; only these can be forgotten. */
  readonly workedBefore: number;
  readonly stillWork: number;
  readonly broken: readonly RegressionOutcome[];
  /** Already failed with the base model; the tuned model may pass some of them. */
  readonly neverWorked: readonly RegressionOutcome[];
}

/** Groups outcomes by whether the base and the tuned model passed. */
export function compareRegressionPrompts(outcomes: readonly RegressionOutcome[]): RegressionChange {
  const before = outcomes.filter(({ base }) => base.works);
  const broken = before.filter(({ tuned }) => !tuned.works);
  return {
    asked: outcomes.length,
    workedBefore: before.length,
    stillWork: before.length - broken.length,
    broken,
    neverWorked: outcomes.filter(({ base }) => !base.works),
  };
}

/** Whether an answer meets all expected conditions; surrounding white space is ignored. */
export function meetsExpected(expected: Expected, answer: string): boolean {
  const text = answer.trim();
  const { equals, contains, icontains, containsAll, containsAny, excludes, regex, isJson } = expected;
  return (
    (equals === undefined || text === equals.trim()) &&
    (contains === undefined || text.includes(contains)) &&
    (icontains === undefined || text.toLowerCase().includes(icontains.toLowerCase())) &&
    (containsAll === undefined || containsAll.every((part) => text.includes(part))) &&
    (containsAny === undefined || containsAny.some((part) => text.includes(part))) &&
    (excludes === undefined || !text.includes(excludes)) &&
    (regex === undefined || findsPattern(regex, text)) &&
    (isJson === undefined || (readJson(text) !== null) === isJson)
  );
}

/** Formats conditions for a reader: `contains "Paris" and is JSON`. */
export function expectedText(expected: Expected): string {
  const quoted = (text: string): string => JSON.stringify(text);
  const all = (texts: readonly string[]): string => texts.map(quoted).join(", ");
  const { equals, contains, icontains, containsAll, containsAny, excludes, regex, isJson } = expected;
  const parts = [
    equals === undefined ? "" : `equals ${quoted(equals)}`,
    contains === undefined ? "" : `contains ${quoted(contains)}`,
    icontains === undefined ? "" : `contains ${quoted(icontains)} in any case`,
    containsAll === undefined ? "" : `contains all of ${all(containsAll)}`,
    containsAny === undefined ? "" : `contains one of ${all(containsAny)}`,
    excludes === undefined ? "" : `does not contain ${quoted(excludes)}`,
    regex === undefined ? "" : `matches ${regex}`,
    isJson === undefined ? "" : isJson ? "is JSON" : "is not JSON",
  ];
  return parts.filter((part) => part !== "").join(" and ");
}
