/** @file Exports the test rows of a try as promptfoo tests, so that another program can evaluate on the same rows. */

import { answerOf, questionOf } from "../../baselines/index.ts";
import type { Example } from "../../dataset/index.ts";
import {
  type AssertedTest,
  type Assertion,
  type AssertionType,
  type ScoringData,
  testFinder,
} from "../../evaluate/index.ts";
import type { MetricName } from "../../recipe/index.ts";

/** One test per row: the question as variable `question`, and the assertion closest to the metric. */
export function promptfooTests(
  rows: readonly Example[],
  metric: MetricName,
  scoring: ScoringData,
): AssertedTest[] {
  const find = testFinder(scoring.tests, scoring.defaultTest);
  return rows.map((row) => {
    const question = questionOf(row);
    const own = metric === "assertions" ? find(question) : null;
    const vars = { question, reference: answerOf(row) };
    const assertions = own?.assertions ?? [assertionFor(metric, answerOf(row), scoring)];
    return { vars, assertions, threshold: own?.threshold ?? null };
  });
}

/** promptfoo checks only whether SQL parses, and `equals` compares only complete JSON values. */
function assertionFor(metric: MetricName, reference: string, scoring: ScoringData): Assertion {
  const say = (type: AssertionType, value: unknown): Assertion => ({
    ...{ type, value, isNegated: false, threshold: null, weight: 1, metric },
  });
  if (metric === "contains") return say("contains", reference);
  if (metric === "regex") return say("regex", scoring.pattern);
  if (metric === "json_schema") return say("is-json", scoring.schema);
  if (metric === "json_valid") return say("is-json", null);
  if (metric === "json_match") return say("equals", jsonIn(reference));
  if (metric === "rouge_l") return say("rouge-n", reference);
  return say("equals", reference);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
