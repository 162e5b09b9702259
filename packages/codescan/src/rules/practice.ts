/** @file The frame of rules on insecure practice: low severity, whatever else is known of the place. */
import type { Rule } from "../rule.ts";

/** What a rule on practice says for itself. */
type PracticeRule = Omit<Rule, "severity" | "likely" | "secret">;

/** A rule on practice; its id is `LANGUAGE/practice-...`. */
export function practice(rule: PracticeRule): Rule {
  return { ...rule, severity: "low" };
}
