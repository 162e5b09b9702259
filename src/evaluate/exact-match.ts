/**
 * @file Whether an answer is the reference, letter by letter after trimming.
 */

/** What counts as the same text. */
export interface TextRules {
  /** `ignore` compares in lower case. */
  readonly case: "keep" | "ignore";
  /** `collapse` takes any run of white space for one space. */
  readonly whitespace: "keep" | "collapse";
}

/** Whether two texts are equal under the rules; white space at both ends never counts. */
export function matchesExactly(answer: string, reference: string, rules: TextRules): boolean {
  return normalizeText(answer, rules) === normalizeText(reference, rules);
}

/** The text as it is compared: trimmed, then folded as the rules say. */
export function normalizeText(text: string, rules: TextRules): string {
  const folded = rules.case === "ignore" ? text.toLowerCase() : text;
  const trimmed = folded.trim();
  return rules.whitespace === "collapse" ? trimmed.split(/\s+/).join(" ") : trimmed;
}
