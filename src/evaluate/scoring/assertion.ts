/**
 * @file Assertions in promptfoo's format: what one is, and which kinds can be judged here.
 *
 * @source promptfoo site/docs/configuration/expected-outputs (2026): types, thresholds, weights, `not-`
 */

/** Types that are judged here, without `not-`. */
export const assertionTypes = [
  "equals",
  "contains",
  "contains-all",
  "contains-any",
  "icontains",
  "icontains-all",
  "icontains-any",
  "starts-with",
  "regex",
  "is-json",
  "contains-json",
  "is-sql",
  "levenshtein",
  "rouge-n",
  "cost",
  "latency",
  "similar",
  "llm-rubric",
] as const;

/** A type without `not-`. */
export type AssertionType = (typeof assertionTypes)[number];

/** One assertion. */
export interface Assertion {
  readonly type: AssertionType;
  /** Written as `not-` before the type. */
  readonly isNegated: boolean;
  /** Text, list of texts, JSON value, schema or rubric, as the type asks; `null` where there is none. */
  readonly value: unknown;
  readonly threshold: number | null;
  /** Share in the score of its test; 0 is measured and never fails. */
  readonly weight: number;
  /** Name under which its score is counted. */
  readonly metric: string | null;
}

/** A test: what fills the prompt, and what its answer must be. */
export interface AssertedTest {
  readonly vars: Readonly<Record<string, unknown>>;
  readonly assertions: readonly Assertion[];
  /** Weighted score that passes; `null`: every assertion must. */
  readonly threshold: number | null;
}
