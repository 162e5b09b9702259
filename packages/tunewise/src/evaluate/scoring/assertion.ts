/**
 * @file Assertions in promptfoo's format, and the types supported here.
 *
 * @source promptfoo site/docs/configuration/expected-outputs (2026): types, thresholds, weights, `not-`
 */

/** Supported types, without `not-`. */
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
  /** Text, list of texts, JSON value, schema or rubric, depending on the type; `null` if there is none. */
  readonly value: unknown;
  readonly threshold: number | null;
  /** Weight in the score of its test; an assertion of weight 0 is measured and never fails. */
  readonly weight: number;
  /** Name under which its score is aggregated. */
  readonly metric: string | null;
}

/** A test: variables of the prompt, and assertions on its answer. */
export interface AssertedTest {
  readonly vars: Readonly<Record<string, unknown>>;
  readonly assertions: readonly Assertion[];
  /** Minimum weighted score to pass; `null` requires every assertion to pass. */
  readonly threshold: number | null;
}
